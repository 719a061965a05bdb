namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight

[<Laws(Arbitrary = [| typeof<BanditArbitraries> |])>]
type FeatureLaws() =
    let context (map: IFeatureMap) (x: float[]) (mask: bool[]) inputs =
        map.Map(ReadOnlySpan x, ReadOnlySpan mask, inputs)

    let rows (inputs: ArmInputs) =
        Array.init inputs.Count (fun i -> inputs.Row(i).ToArray())

    let refused (result: Result<unit, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(argument, _, _)) -> argument
        | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
        | Error(HindsightError.Incompatible _) -> "incompatible"
        | _ -> ""

    [<Property>]
    member _.``disjoint arms differ in their block only, shared features in their head only`` (Costs x) (mask: bool[]) =
        let mask = Array.append mask [| true |]
        let arms = mask.Length
        let free = [| 0 .. arms - 1 |] |> Array.filter (fun a -> mask[a])

        let maps: IFeatureMap list =
            [
                DisjointArms(x.Length, arms, InputScaling.None)
                SharedFeatures(x.Length, arms, InputScaling.None)
            ]

        maps
        |> List.forall (fun map ->
            let inputs = ArmInputs map.Shape
            let disjoint = map.Shape.Blocks = arms

            context map x mask inputs = Ok()
            && inputs.SharedRow
            && Array.truncate inputs.Count inputs.Arms = free
            && Array.truncate inputs.Count inputs.Blocks = (if disjoint then free else Array.map (fun _ -> 0) free)
            && Array.truncate inputs.Count inputs.Heads = (if disjoint then Array.map (fun _ -> 0) free else free)
            && rows inputs |> Array.forall ((=) (Array.map float32 x)))

    [<Property>]
    member _.``scaled vectors have the length that the scaling names, at any magnitude`` (Costs x) (exponent: int8) =
        let x = x |> Array.map (fun v -> Math.ScaleB(v, 7 * int exponent))
        let d = x.Length

        let length scaling =
            let map: IFeatureMap = SharedFeatures(d, 2, scaling)
            let inputs = ArmInputs map.Shape
            Require.ok (context map x [||] inputs)
            inputs.Row(0).ToArray() |> Array.sumBy (fun v -> float v * float v) |> sqrt

        // single precision: each coordinate is off by half an ulp, 2^-24
        let near expected actual =
            abs (expected - actual) <= expected * Math.ScaleB(1.0, -23)

        if Array.forall ((=) 0.0) x then
            length InputScaling.Unit = 0.0
        else
            near 1.0 (length InputScaling.Unit) && near (sqrt (float d)) (length InputScaling.SqrtDimension)

    [<Test>]
    member _.``errors name the argument and leave the inputs as they were``() =
        let map: IFeatureMap = DisjointArms(2, 3, InputScaling.None)
        let inputs = ArmInputs map.Shape
        Require.ok (context map [| 1.0; 2.0 |] [||] inputs)
        let before = rows inputs
        let attempt x mask = refused (context map x mask inputs)
        Assert.That(attempt [| 1.0 |] [||], Is.EqualTo "context")
        Assert.That(attempt [| 1.0; nan |] [||], Is.EqualTo "context[1]")
        Assert.That(attempt [| 1e39; 0.0 |] [||], Is.EqualTo "context[0]")
        Assert.That(attempt [| 1.0; 2.0 |] [| true |], Is.EqualTo "available")
        Assert.That(attempt [| 1.0; 2.0 |] [| false; false; false |], Is.EqualTo "available")
        Assert.That(refused (map.MapActions(ActionSet([| 1.0; 2.0 |], 2), inputs)), Is.EqualTo "incompatible")
        Assert.That(rows inputs = before && inputs.Count = 3)

    [<Test>]
    member _.``action sets bring a vector an arm, and contexts are refused``() =
        let map: IFeatureMap = ArmFeatures(2, InputScaling.None)
        let inputs = ArmInputs map.Shape
        let rowsIn = [| [| 1.0; 2.0 |]; [| 3.0; 4.0 |]; [| 5.0; 6.0 |] |]
        Require.ok (map.MapActions(ActionSet(rowsIn), inputs))
        Assert.That(rows inputs = Array.map (Array.map float32) rowsIn)
        Assert.That(inputs.SharedRow, Is.False)
        Assert.That(refused (context map [| 1.0; 2.0 |] [||] inputs), Is.EqualTo "incompatible")
        let bad = ActionSet([| 1.0; 2.0; 3.0; infinity |], 2)
        Assert.That(refused (map.MapActions(bad, inputs)), Is.EqualTo "actions[1][1]")
        Assert.That(refused (map.MapActions(ActionSet([| 1.0 |], 1), inputs)), Is.EqualTo "actions.Dimension")

        for bad in
            [
                fun () -> ActionSet([| 1.0; 2.0; 3.0 |], 2)
                fun () -> ActionSet([||], 2)
                fun () -> ActionSet([| [| 1.0 |]; [| 1.0; 2.0 |] |])
            ] do
            Assert.That(Action(fun () -> bad () |> ignore<ActionSet>), Throws.TypeOf<HindsightException>())

    [<Test>]
    member _.``mapping allocates nothing once the buffer has grown``() =
        let map: IFeatureMap = DisjointArms(20, 5, InputScaling.SqrtDimension)
        let inputs = ArmInputs map.Shape
        let x = Array.init 20 float
        let mask = [| true; false; true; true; true |]
        let round () = context map x mask inputs |> Require.ok
        round ()
        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..100 do
            round ()

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
