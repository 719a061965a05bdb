namespace Hindsight.Tests.Theory

open System
open System.Reflection
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Laws of every calculator, read from the registry.
[<TestFixture>]
type CalculatorLaws() =
    static let methods =
        lazy
            (Assembly.GetExecutingAssembly().GetTypes()
             |> Seq.collect (fun t -> t.GetMethods())
             |> Seq.map _.Name
             |> Set.ofSeq)

    static member Calculators = Bounds.all |> Seq.map (fun c -> TestCaseData(c).SetArgDisplayNames(c.Name))

    static member WitnessCases =
        Witnesses.all |> Seq.map (fun w -> TestCaseData(w).SetArgDisplayNames(w.Calculator, w.Measures))

    [<TestCaseSource("WitnessCases")>]
    member _.``A bound holds on generated instances``(witness: Witness) =
        let calculator = Require.ok (Bounds.find witness.Calculator)
        let mutable positive = 0

        for seed in 1..200 do
            let ratio = witness.Generated seed

            if ratio > 0.0 then
                positive <- positive + 1

            Assert.That(Double.IsNaN ratio, Is.False, $"seed {seed}: not a number")

            if calculator.Direction = BoundDirection.Equal then
                Assert.That(ratio, Is.EqualTo(1.0).Within(witness.Tolerance), $"seed {seed}")
            else
                Assert.That(ratio, Is.LessThanOrEqualTo(1.0 + witness.Tolerance), $"seed {seed}")

        // a regret may be negative and an exact quantile 0; but a quarter of the instances must put the bound to the test
        Assert.That(positive, Is.GreaterThanOrEqualTo 50, "instances that measure something")

    [<TestCaseSource("WitnessCases")>]
    member _.``The constant of a tight bound times 0.9 is refuted``(witness: Witness) =
        let ratio = witness.Worst()
        Assert.That(ratio, Is.LessThanOrEqualTo(1.0 + witness.Tolerance))

        if isNull witness.Loose then
            Assert.That(ratio, Is.GreaterThan 0.9)
        else
            // a bound that is called loose is loose
            Assert.That(ratio, Is.LessThanOrEqualTo 0.9)

    [<TestCaseSource("Calculators")>]
    member _.``A calculator has a witness``(calculator: BoundCalculator) =
        Assert.That(Witnesses.all |> List.exists (fun w -> w.Calculator = calculator.Name))

    [<TestCaseSource("Calculators")>]
    member _.``A calculator is described, and its law is a test``(calculator: BoundCalculator) =
        let c = calculator
        Assert.That(c.Name, Does.Match "^[a-z0-9]+(-[a-z0-9]+)*$")
        Assert.That(c.Family, Does.Match "^[a-z0-9]+(-[a-z0-9]+)*$")

        for text in [ c.Title; c.Statement; c.Source ] do
            Assert.That(text, Is.Not.Empty)

        Assert.That(methods.Value, Does.Contain c.Law)
        Assert.That(c.Inputs |> Seq.forall (fun i -> Expr.IsName i.Symbol))
        Assert.That(c.Inputs |> Seq.map _.Symbol, Is.Unique)
        Assert.That(c.Inputs |> Seq.map _.Name, Is.Unique)

        for input in c.Inputs do
            Assert.That(input.Example, Is.Not.Empty)
            Assert.That(input.Example |> Seq.forall input.Allowed.Contains, $"{input.Symbol}: the example")
            Assert.That(input.Default |> Seq.forall input.Allowed.Contains, $"{input.Symbol}: the default")

        let isRandom = c.Kind = BoundKind.HighProbability || c.Kind = BoundKind.Anytime
        Assert.That(c.Inputs |> Seq.exists (fun i -> i.Symbol = "delta"), Is.EqualTo isRandom)

    [<Test>]
    member _.``Names of calculators are unique``() =
        Assert.That(Bounds.all |> Seq.map _.Name, Is.Unique)

    [<TestCaseSource("Calculators")>]
    member _.``A calculator's examples are accepted, and most draws around them``(calculator: BoundCalculator) =
        let bound = calculator |> BoundCalculator.at (calculator.Inputs |> Array.map _.Example) |> Require.ok

        Assert.That(Double.IsFinite bound.Value)
        Assert.That((CalculatorDraw.accepted 1 100 calculator).Length, Is.GreaterThanOrEqualTo 25)

    static member Loose =
        Bounds.all
        |> Seq.filter (fun c ->
            c.Direction <> BoundDirection.Equal
            && Witnesses.all |> List.exists (fun w -> w.Calculator = c.Name && isNull w.Loose) |> not)
        |> Seq.map (fun c -> TestCaseData(c).SetArgDisplayNames(c.Name))

    [<TestCaseSource("Loose")>]
    member _.``A bound that is too loose for its constant to be refuted is the stated one``
        (calculator: BoundCalculator)
        =
        let stated =
            StatedLaw.statements @ StatedLaw.treeless
            |> List.tryFind (fun (name, _) -> name = calculator.Name)
            |> Option.map snd

        Assert.That(stated.IsSome, "stated a second time in tests/Theory/Mutants/Stated.fs")
        Assert.That(StatedLaw.agrees calculator.Name stated.Value StatedLaw.own)

    [<TestCaseSource("Calculators")>]
    member _.``The printed formula has the calculator's value``(calculator: BoundCalculator) =
        match BoundCalculator.tryFormula calculator with
        | ValueNone -> Assert.That(calculator.Text, Is.Not.Empty)
        | ValueSome tree ->
            for values, bound in CalculatorDraw.accepted 2 50 calculator do
                let names = CalculatorDraw.named calculator values
                let value = (tree.Evaluate<R64>(fun name -> R64 names[name])).V
                Assert.That(value, Is.EqualTo(bound.Value).Within(1e-12).Percent)

    [<TestCaseSource("Calculators")>]
    member _.``The formula of a bound names every element of its lists, whatever their length``
        (calculator: BoundCalculator)
        =
        // lists of the example's elements, again and again
        let like length =
            calculator.Inputs
            |> Array.map (fun input ->
                if input.Vector then
                    Array.init length (fun i -> input.Example[i % input.Example.Length])
                else
                    input.Example)

        if calculator.Inputs |> Array.exists _.Vector && isNull calculator.Text then
            let accepted =
                [ 1; 2; 5; 12; 13 ]
                |> List.choose (fun length ->
                    let values = like length

                    match BoundCalculator.at values calculator with
                    | Error _ -> None
                    | Ok bound -> Some(length, values, bound))

            Assert.That(accepted.Length, Is.GreaterThanOrEqualTo 2)

            for length, values, bound in accepted do
                if length > 12 then
                    Assert.That(bound.Formula, Does.EndWith "(and so on for every element)")
                else
                    let named = CalculatorDraw.named calculator values
                    let tree = Formula.expression named.Keys bound.Formula |> Require.ok
                    let value = (tree.Evaluate<R64>(fun name -> R64 named[name])).V
                    Assert.That(value, Is.EqualTo(bound.Value).Within(1e-12).Percent, $"length {length}")

    [<TestCaseSource("Calculators")>]
    member _.``The sensitivity is the slope of the value``(calculator: BoundCalculator) =
        let mutable compared = 0

        for values, bound in CalculatorDraw.accepted 3 20 calculator do
            match BoundCalculator.sensitivity values calculator with
            | Error e -> Assert.Fail e.Message
            | Ok slopes ->
                for i in 0 .. values.Length - 1 do
                    if not calculator.Inputs[i].Whole then
                        for j in 0 .. values[i].Length - 1 do
                            let x = values[i][j]
                            let h = 1e-5 * max (abs x) 1e-3

                            let at step =
                                let moved = values |> Array.map Array.copy
                                moved[i][j] <- x + step

                                match BoundCalculator.at moved calculator with
                                | Ok b -> b.Value
                                | Error _ -> nan

                            // a kink between the two points shows in the one-sided differences: nothing to compare there
                            let up = (at h - bound.Value) / h
                            let down = (bound.Value - at -h) / h
                            let slope = slopes[i].Derivative[j]
                            let size = max (abs slope) (1e-3 * abs bound.Value / max (abs x) 1e-3)

                            if Double.IsFinite up && Double.IsFinite down && abs (up - down) <= 1e-3 * size then
                                compared <- compared + 1

                                Assert.That(
                                    slope,
                                    Is.EqualTo((up + down) / 2.0).Within(1e-5 * size + 1e-9 * abs bound.Value / h),
                                    calculator.Inputs[i].Symbol
                                )

        let continuous = calculator.Inputs |> Seq.exists (fun i -> not i.Whole)
        Assert.That(compared > 0 || not continuous)

    [<TestCaseSource("Calculators")>]
    member _.``Free inputs are set where the bound is best``(calculator: BoundCalculator) =
        let free = calculator.Inputs |> Array.filter _.Free

        if free.Length > 0 then
            let settings =
                calculator.Inputs |> Seq.filter (fun i -> not i.Free) |> Seq.map (fun i -> i.Symbol, i.Example)

            let values = BoundCalculator.values settings calculator |> Require.ok
            let best = (BoundCalculator.at values calculator |> Require.ok).Value

            let direction =
                if calculator.Direction = BoundDirection.Lower then
                    -1.0
                else
                    1.0

            for i in 0 .. values.Length - 1 do
                if calculator.Inputs[i].Free then
                    let x = values[i][0]

                    let steps =
                        if calculator.Inputs[i].Whole then
                            [ x - 1.0; x + 1.0 ]
                        else
                            [ x * 0.999; x * 1.001; x * 0.5; x * 2.0 ]

                    for other in steps do
                        let moved = values |> Array.mapi (fun k v -> if k = i then [| other |] else v)

                        match BoundCalculator.at moved calculator with
                        | Ok b ->
                            Assert.That(
                                direction * b.Value,
                                Is.GreaterThanOrEqualTo(direction * best - 1e-12 * abs best)
                            )
                        | Error _ -> ()

    [<Test>]
    member _.``The best gamma of SquareCB is found to all digits``() =
        let random = Random 17
        let calculator = Bounds.find "squarecb" |> Require.ok

        for _ in 1..50 do
            let k = float (2 + random.Next 50)
            let t = Math.Exp(4.0 + 10.0 * random.NextDouble())
            let r = Math.Exp(6.0 * random.NextDouble() - 1.0)
            let start = Math.Exp(8.0 * random.NextDouble())

            let found =
                BoundCalculator.optimise [ "gamma" ] [| [| k |]; [| t |]; [| r |]; [| start |] |] calculator
                |> Require.ok

            // 2 (K-1) T/gamma + (gamma/4) R; a search on values alone ends at half of the digits
            Assert.That(found.Values[0], Is.EqualTo(sqrt (8.0 * (k - 1.0) * t / r)).Within(1e-11).Percent)

    [<TestCaseSource("Calculators")>]
    member _.``Bad numbers are refused by name``(calculator: BoundCalculator) =
        let examples = calculator.Inputs |> Array.map _.Example

        for i in 0 .. examples.Length - 1 do
            let input = calculator.Inputs[i]

            let bad =
                [
                    nan
                    infinity
                    -infinity
                    if Double.IsFinite input.Allowed.Low then
                        input.Allowed.Low - 1.0
                    if Double.IsFinite input.Allowed.High then
                        input.Allowed.High + 1.0
                    if input.Whole then
                        input.Example[0] + 0.5
                ]

            for x in bad do
                let values = examples |> Array.mapi (fun k v -> if k = i then Array.create v.Length x else v)

                match BoundCalculator.at values calculator with
                | Error(HindsightError.OutOfRange(argument, _, _)) -> Assert.That(argument, Does.StartWith input.Name)
                | other -> Assert.Fail $"{input.Symbol} = {x}: {other}"

    [<TestCaseSource("Calculators")>]
    member _.``No calculator returns a NaN``(calculator: BoundCalculator) =
        let random = Random 7

        let extreme (input: BoundInput) =
            let d = input.Allowed

            let raw =
                match random.Next 6 with
                | 0 when d.LowClosed && Double.IsFinite d.Low -> d.Low
                | 1 when d.HighClosed && Double.IsFinite d.High -> d.High
                | 2 -> if Double.IsFinite d.Low then d.Low + 1e-300 else -1e150
                | 3 ->
                    if Double.IsFinite d.High then
                        Math.BitDecrement d.High
                    else
                        1e300
                | 4 ->
                    if Double.IsFinite d.Low then
                        d.Low + Math.Exp(20.0 * random.NextDouble() - 10.0)
                    else
                        3.0
                | _ -> input.Example[0]

            if input.Whole then Math.Floor raw else raw

        for _ in 1..500 do
            let values = calculator.Inputs |> Array.map (fun i -> i.Example |> Array.map (fun _ -> extreme i))

            match BoundCalculator.at values calculator with
            | Ok bound -> Assert.That(Double.IsNaN bound.Value, Is.False)
            | Error e -> Assert.That(e.Message, Is.Not.Empty)
