namespace Hindsight.Tests.Losses

open System
open System.Reflection
open NUnit.Framework
open Hindsight

/// What the speed of the kernels rests on, read from the methods' flags, so that nobody loses it by accident. Each rule was found by measurement: without inlining of a member a batch
/// falls back to calls with 64-byte arguments on the stack; where a loop is itself inlined, the JIT's budget runs out inside it.
[<TestFixture>]
type CodeGenerationLaws() =
    static let core = typeof<LossKernel>.Assembly

    static let real = core.GetType("Hindsight.IReal`1", true)

    static let every =
        BindingFlags.Public
        ||| BindingFlags.NonPublic
        ||| BindingFlags.Static
        ||| BindingFlags.Instance
        ||| BindingFlags.DeclaredOnly

    static let has (flag: MethodImplAttributes) (m: MethodInfo) =
        m.GetMethodImplementationFlags() &&& flag = flag

    static let name (m: MethodInfo) = $"{m.DeclaringType.Name}.{m.Name}"

    static let implements (contract: Type) (t: Type) =
        t.GetInterfaces()
        |> Array.exists (fun i -> i = contract || i.IsGenericType && i.GetGenericTypeDefinition() = contract)

    /// The methods of a type that implement the members of a (generic) interface.
    static let implementing (contract: Type) (members: Set<string>) (t: Type) =
        if implements contract t then
            t.GetMethods every
            |> Array.filter (fun m -> members.Contains(m.Name.Substring(m.Name.LastIndexOf '.' + 1)))
        else
            [||]

    static let algebra =
        Set.ofList
            [
                "op_Addition"
                "op_Subtraction"
                "op_Multiply"
                "op_Division"
                "op_UnaryNegation"
                for m in real.GetMethods(every) do
                    m.Name
            ]

    /// Divergences, deviances and the beta family choose between several series: inlined they would run into the JIT's limit on locals, so their helpers are calls.
    static let outOfLine (t: Type) =
        [
            "Power"
            "Less"
            "Truncated"
            "Label"
            "Beta"
            "Deviance"
            "Conjugate"
            "Tsallis"
            "Excess"
        ]
        |> List.exists t.Name.StartsWith
        || t.GetInterfaces() |> Array.exists (fun i -> i.Name = "IGenerator")

    [<Test>]
    member _.``Every member of the scalars that kernels are made of is inlined``() =
        let scalars =
            [ "R64"; "Dual`1"; "Jet2`1"; "V512"; "V256"; "V128"; "F512"; "F256"; "F128" ]
            |> List.map (fun n -> core.GetType($"Hindsight.{n}", true))

        let methods = scalars |> Seq.collect (implementing real algebra) |> Seq.toArray
        // 27 members and operators each, so that a change of names does not empty the test
        Assert.That(methods.Length, Is.GreaterThanOrEqualTo(25 * scalars.Length))

        Assert.That(
            methods
            |> Array.filter (fun m -> not (has MethodImplAttributes.AggressiveInlining m))
            |> Array.map name,
            Is.Empty
        )

    [<Test>]
    member _.``Every definition of a scalar loss is inlined``() =
        let methods =
            core.GetTypes()
            |> Array.filter (fun t -> t.IsValueType && t.Name <> "FormulaLoss")
            |> Array.collect (fun t ->
                Array.append
                    (implementing typeof<ILoss> (Set.ofList [ "Eval"; "Phi" ]) t)
                    (if outOfLine t then
                         [||]
                     else
                         Array.append
                             (implementing typeof<IScalarFunction> (Set.ofList [ "Value"; "Slope"; "Pair" ]) t)
                             (implementing typeof<IScalarFunction2> (Set.ofList [ "Value"; "SlopeX"; "SlopeY" ]) t)))

        Assert.That(methods.Length, Is.GreaterThan 60)

        Assert.That(
            methods
            |> Array.filter (fun m -> not (has MethodImplAttributes.AggressiveInlining m))
            |> Array.map name
            |> Array.distinct,
            Is.Empty
        )

    [<Test>]
    member _.``No loop is inlined into its caller``() =
        let loops =
            core.GetTypes()
            |> Array.filter (fun t ->
                t.Name.StartsWith "BatchLoop" || t.Name.StartsWith "SoftmaxLoop" || t.Name.StartsWith "EntmaxLoop")
            |> Array.collect (fun t -> t.GetMethods every)
            |> Array.filter (fun m -> List.contains m.Name [ "Zeroth"; "First"; "Second"; "Rows"; "Row" ])

        Assert.That(loops.Length, Is.EqualTo 6)

        Assert.That(
            loops |> Array.filter (fun m -> not (has MethodImplAttributes.NoInlining m)) |> Array.map name,
            Is.Empty
        )

    [<Test>]
    member _.``No method of the core ends in a tail call``() =
        // 0xFE 0x14 is the prefix .tail; it forbids inlining
        let withTail =
            core.GetTypes()
            |> Array.filter (fun t -> t.Namespace = "Hindsight" && t.IsValueType)
            |> Array.collect (fun t -> t.GetMethods every)
            |> Array.filter (fun m ->
                match m.GetMethodBody() with
                | null -> false
                | body ->
                    let il = body.GetILAsByteArray()
                    // the prefix stands right before a call
                    Seq.exists
                        (fun i ->
                            il[i] = 0xFEuy
                            && il[i + 1] = 0x14uy
                            && (il[i + 2] = 0x28uy || il[i + 2] = 0x6Fuy || il[i + 2] = 0x29uy))
                        (seq { 0 .. il.Length - 3 }))

        Assert.That(withTail |> Array.map name, Is.Empty)
