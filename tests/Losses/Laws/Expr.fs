namespace Hindsight.Tests.Losses

open System
open System.Text.RegularExpressions
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

module private NamedConstant =
    /// Constants that a formula names, from pi and the elementary functions.
    let computed<'T when 'T :> IReal<'T> and 'T: struct> () : (string * 'T) list =
        let pi = 'T.Const2(3.141592653589793, 1.2246467991473532e-16)
        let one, two = 'T.Const 1.0, 'T.Const 2.0
        let twoPi = 'T.op_Multiply (two, pi)

        [
            "pi", pi
            "log(2)", 'T.Log two
            "log(3)", 'T.Log('T.Const 3.0)
            "log(10)", 'T.Log('T.Const 10.0)
            "exp(1)", 'T.Exp one
            "sqrt(2)", 'T.Sqrt two
            "sqrt(3)", 'T.Sqrt('T.Const 3.0)
            "sqrt(pi)", 'T.Sqrt pi
            "sqrt(2*pi)", 'T.Sqrt twoPi
            "log(pi)", 'T.Log pi
            "log(2*pi)", 'T.Log twoPi
            "1/log(2)", 'T.op_Division (one, 'T.Log two)
            "1/pi", 'T.op_Division (one, pi)
        ]


/// A computation in y and z, without any simplification: what a loss's code does.
[<RequireQualifiedAccess>]
type Computation =
    | Label
    | Score
    | Number of float
    | Twofold of high: float * low: float
    | Unary of name: string * Computation
    | Power of Computation * exponent: float
    | Binary of name: string * Computation * Computation
    | Choice of Computation * Computation * Computation

[<RequireQualifiedAccess>]
module Computation =
    let functions =
        [
            "negate"
            "exp"
            "log"
            "log1p"
            "expm1"
            "sqrt"
            "sqr"
            "sigmoid"
            "softplus"
            "xlogx"
            "tanh"
            "atan"
            "abs"
        ]

    /// The computation at any scalar.
    let rec at<'T when 'T :> IReal<'T> and 'T: struct> (y: 'T) (z: 'T) (c: Computation) : 'T =
        let at = at y z

        match c with
        | Computation.Label -> y
        | Computation.Score -> z
        | Computation.Number x -> 'T.Const x
        | Computation.Twofold(high, low) -> 'T.Const2(high, low)
        | Computation.Power(x, p) -> 'T.Pow(at x, p)
        | Computation.Choice(c, a, b) -> 'T.Select(at c, at a, at b)
        | Computation.Unary(name, x) ->
            let x = at x

            match name with
            | "negate" -> 'T.op_UnaryNegation x
            | "exp" -> 'T.Exp x
            | "log" -> 'T.Log x
            | "log1p" -> 'T.Log1p x
            | "expm1" -> 'T.Expm1 x
            | "sqrt" -> 'T.Sqrt x
            | "sqr" -> 'T.Sqr x
            | "sigmoid" -> 'T.Sigmoid x
            | "softplus" -> 'T.Softplus x
            | "xlogx" -> 'T.XLogX x
            | "tanh" -> 'T.Tanh x
            | "atan" -> 'T.Atan x
            | _ -> 'T.Abs x
        | Computation.Binary(name, a, b) ->
            let a, b = at a, at b

            match name with
            | "+" -> 'T.op_Addition (a, b)
            | "-" -> 'T.op_Subtraction (a, b)
            | "*" -> 'T.op_Multiply (a, b)
            | "/" -> 'T.op_Division (a, b)
            | "max" -> 'T.Max(a, b)
            | "logitdivergence" -> 'T.LogitDivergence(a, b)
            | _ -> 'T.Min(a, b)

    let jet y z c =
        let j: Jet2<R64> = at (Jet2<R64>(R64 y, R64 0.0, R64 0.0)) (Jet2<R64>(R64 z, R64 1.0, R64 0.0)) c

        j.P.V, j.D.V, j.H.V

    /// Whether every intermediate value and derivative is finite, and none so small that a power of two could push it out of the normal range.
    let rec tame y z c =
        let normal (x: float) =
            x = 0.0 || abs x > 1e-250 && abs x < 1e250

        let p, d, h = jet y z c

        normal p
        && normal d
        && normal h
        && match c with
           | Computation.Unary(_, x)
           | Computation.Power(x, _) -> tame y z x
           | Computation.Binary(_, a, b) -> tame y z a && tame y z b
           | Computation.Choice(c, a, b) -> tame y z c && tame y z a && tame y z b
           | _ -> true

    let tree c =
        at (Expr.Variable "y") (Expr.Variable "z") c

    let private numbers =
        Gen.frequency
            [
                3, Gen.elements [ 0.0; 1.0; -1.0; 2.0; 0.5; 3.0; -4.0 ]
                1, Gen.elements [ 0.1; 0.3; 1.0 / 3.0; 1e-20; 1e17; 2.2250738585072014e-308 ]
                1, Draw.score
            ]

    /// Constants whose functions have no name of their own.
    let plain =
        [
            Computation.Twofold(0.6931471805599453, 2.3190468138462996e-17)
            Computation.Twofold(-2.718281828459045, -1.4456468917292502e-16)
            Computation.Twofold(0.1, 1e-18)
            Computation.Twofold(-0.7, 2e-17)
        ]

    let named =
        [
            Computation.Twofold(3.141592653589793, 1.2246467991473532e-16)
            Computation.Twofold(-6.283185307179586, -2.4492935982947064e-16)
            Computation.Twofold(2.5066282746310007, -1.8328579980459167e-16)
            Computation.Twofold(1.4426950408889634, 2.0355273740931033e-17)
        ]

    let rec draw constants size : Gen<Computation> =
        let leaf =
            Gen.frequency
                [
                    2, Gen.constant Computation.Label
                    4, Gen.constant Computation.Score
                    2, Gen.map Computation.Number numbers
                    1, Gen.elements constants
                ]

        if size <= 1 then
            leaf
        else
            let half = draw constants (size / 2)

            Gen.frequency
                [
                    1, leaf
                    3,
                    Gen.map2 (fun f x -> Computation.Unary(f, x)) (Gen.elements functions) (draw constants (size - 1))
                    1,
                    Gen.map2
                        (fun p x -> Computation.Power(x, p))
                        (Gen.elements [ 2.0; 3.0; 0.5; 1.5; -1.0; -0.25; 0.0; 1.0 ])
                        half
                    6,
                    Gen.map3
                        (fun o a b -> Computation.Binary(o, a, b))
                        (Gen.elements [ "+"; "-"; "*"; "/"; "+"; "-"; "*"; "max"; "min" ])
                        half
                        half
                    1, Gen.map3 (fun c a b -> Computation.Choice(c, a, b)) half half half
                ]

/// A computation of plain constants, with a label and a score.
[<NoComparison>]
type ComputationCase =
    {
        Computation: Computation
        Label: float
        Score: float
    }

/// A tree of any kind.
[<NoComparison>]
type Tree = Tree of Expr

type ExprArbitraries =
    static member ComputationCase() =
        gen {
            let! size = Gen.choose (1, 40)
            let! c = Computation.draw Computation.plain size
            let! label = Draw.unitLabel
            let! score = Draw.score

            return
                {
                    Computation = c
                    Label = label
                    Score = score
                }
        }
        |> Arb.fromGen

    static member Tree() =
        gen {
            let! size = Gen.choose (1, 60)
            let! c = Computation.draw (Computation.plain @ Computation.named) size
            return Tree(Computation.tree c)
        }
        |> Arb.fromGen

/// The logarithm of the exponential, whose slope is declared to be 1.
[<Struct>]
type LogExp =
    interface IScalarFunction with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Log('T.Exp x)
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 1.0

    static member Of<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Apply(LogExp(), x)

/// Binary cross-entropy in its shortest form, in code.
[<Struct; NoComparison; NoEquality>]
type PlainCrossEntropy =
    interface ILoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.op_Subtraction ('T.Softplus score, 'T.op_Multiply (label, score))

        member this.Accept visitor = visitor.Visit this
        member _.Metadata = Formula.unknown "plain cross-entropy"

/// The laws as functions of the implementation under test.
[<RequireQualifiedAccess>]
module ExprLaws =
    /// The tree that the text stands for is the tree that printed it.
    let readsBack (print: Expr -> string) (e: Expr) =
        Formula.expression [ "y"; "z" ] (print e) = Ok e

    /// Braces, \left and \right, \begin and \end come in pairs, the closing one later.
    let balanced (tex: string) =
        let pairs (opening: string) (closing: string) =
            let mutable depth = 0
            let mutable good = true

            for m in Regex.Matches(tex, $"{opening}|{closing}") do
                depth <- depth + (if Regex.IsMatch(m.Value, $"^(?:{opening})$") then 1 else -1)
                good <- good && depth >= 0

            good && depth = 0

        pairs @"\{" @"\}" && pairs @"\\left\b" @"\\right\b" && pairs @"\\begin" @"\\end"

    let private same (a: float) (b: float) =
        a = b || Double.IsNaN a && Double.IsNaN b

    /// A tree built from a computation has its value and derivatives, bit for bit (0 and -0 are the same).
    let sameJet (build: Computation -> Expr) (c: ComputationCase) =
        let e = build c.Computation
        let y = Jet2<R64>(R64 c.Label, R64 0.0, R64 0.0)
        let z = Jet2<R64>(R64 c.Score, R64 1.0, R64 0.0)
        let j = e.Evaluate<Jet2<R64>>(fun name -> if name = "y" then y else z)
        let p, d, h = Computation.jet c.Label c.Score c.Computation
        same j.P.V p && same j.D.V d && same j.H.V h

    /// Precedence and associativity, at z = 3.
    let precedence (parse: string -> Result<Expr, HindsightError>) =
        [
            "-z^2", -9.0
            "2^3^2", 512.0
            "z - 2 - 1", 0.0
            "12/z/2", 2.0
            "12/z*2", 8.0
            "1 + 2*z", 7.0
            "2*z^2", 18.0
            "-2*z + 1", -5.0
            "z*-2", -6.0
            "2^-1", 0.5
            "(-z)^3", -27.0
            "(-z/3)^63", -1.0
            "(-z/3)^64", 1.0
            "(-z/3)^-64", 1.0
            "z^(1/2)", sqrt 3.0
            "pow(z, 2)", 9.0
            "if z > 3 then 1 else 2", 2.0
            "if z >= 3 then 1 else 2", 1.0
            "if z < 3 then 1 else 2", 2.0
            "if z <= 3 then 1 else 2", 1.0
            "1e2 + .5 + 3.", 103.5
            "max(z, 4) - min(z, 4)", 1.0
            "sqr(z) + abs(-z) + exp(0) + log1p(0) + expm1(0) + ln(1) + xlogx(0) + tanh(0) + atan(0) + sigmoid(0)", 13.5
        ]
        |> List.forall (fun (text, expected) ->
            match parse text with
            | Ok e -> e.Evaluate<R64>(fun _ -> R64 3.0).V = expected
            | Error _ -> false)

    /// What evaluations of some losses cost: additions, multiplications, divisions, transcendentals, comparisons.
    let counts (count: ILoss -> float -> float -> OperationCount) =
        let five (c: OperationCount) =
            [
                c.Additions
                c.Multiplications
                c.Divisions
                c.Transcendentals
                c.Comparisons
            ]

        let formula text =
            Formula.parse text |> Require.ok :> ILoss

        [
            (Squared() :> ILoss), [ 1; 1; 0; 0; 0 ]
            HalfSquared(), [ 1; 2; 0; 0; 0 ]
            PlainCrossEntropy(), [ 1; 1; 0; 1; 0 ]
            formula "softplus(z) - y*z + (xlogx(y) + xlogx(1 - y))", [ 4; 1; 0; 3; 0 ]
            formula "if z >= y then abs(z)/2 else sqrt(max(z, 1))", [ 1; 0; 2; 0; 3 ]
        ]
        |> List.forall (fun (loss, expected) -> five (count loss 0.25 2.0) = expected)

[<Category "expressions">]
[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<ExprArbitraries> |])>]
type ExprTests() =

    [<Property(MaxTest = 1000)>]
    member _.``A tree printed as text reads back as the same tree``(Tree e) =
        ExprLaws.readsBack _.Infix e
        |> Prop.classify (e.NodeCount > 10) "more than 10 nodes"
        |> Prop.classify (e.Variables.Length = 0) "no variables"
        |> Prop.label e.Infix

    [<Property(MaxTest = 1000)>]
    member _.``Simplification changes no bit of a value, a derivative or a second derivative``(c: ComputationCase) =
        let tame = Computation.tame c.Label c.Score c.Computation

        (not tame || ExprLaws.sameJet Computation.tree c)
        |> Prop.classify tame "every intermediate number is finite"
        |> Prop.label (string (Computation.tree c.Computation))

    [<Test>]
    member _.``A quarter of the computations drawn are finite throughout and have at least five nodes``() =
        let drawn = Gen.sampleWithSeed (Rnd 5UL) 300 300 (ExprArbitraries.ComputationCase().Generator)

        let useful =
            drawn
            |> Array.filter (fun c ->
                Computation.tame c.Label c.Score c.Computation && (Computation.tree c.Computation).NodeCount >= 5)

        Assert.That(useful.Length, Is.GreaterThan 75)

    [<Property(MaxTest = 300)>]
    member _.``The derivative of a tree, as a tree, has the derivative's value``(c: ComputationCase) =
        let zero, one = Expr.Constant 0.0, Expr.Constant 1.0

        let j: Jet2<Expr> =
            Computation.at
                (Jet2<Expr>(Expr.Variable "y", zero, zero))
                (Jet2<Expr>(Expr.Variable "z", one, zero))
                c.Computation

        let value (e: Expr) =
            e.Evaluate<R64>(fun name -> R64(if name = "y" then c.Label else c.Score)).V

        let small = j.H.NodeCount < 20_000
        let _, d, h = Computation.jet c.Label c.Score c.Computation
        // e^x beside e^x - 1 is 1 + (e^x - 1) near 0 in double precision, a rounding apart from e^x alone, which is what the tree says
        let shared = (sprintf "%A" c.Computation).Contains "\"expm1\""
        let tame = small && not shared && Computation.tame c.Label c.Score c.Computation
        (not tame || value j.D = d && value j.H = h) |> Prop.classify tame "finite"

    [<Property(MaxTest = 300)>]
    member _.``TeX has balanced braces and delimiters``(Tree e) =
        ExprLaws.balanced e.TeX |> Prop.label e.TeX

    [<Property(MaxTest = 300)>]
    member _.``Equal trees have equal hashes, a changed label makes them differ``(Tree e) =
        let again = e.Evaluate<Expr>(fun name -> Expr.Variable name)
        let other = e.Evaluate<Expr>(fun name -> Expr.Variable(name + "x"))

        again = e && again.GetHashCode() = e.GetHashCode() && (other <> e) = (e.Variables.Length > 0)

    [<Property(MaxTest = 300)>]
    member _.``The nodes of a tree are its root and those of its children``(Tree e) =
        e.NodeCount = 1 + Array.sumBy (fun (c: Expr) -> c.NodeCount) e.Children && e.Label.Length > 0

    [<Property(MaxTest = 500)>]
    member _.``Every registered scalar loss is its formula, bit for bit, and the formula reads back as the same tree``
        (c: ScalarCase)
        =
        let e = Formula.ofLoss c.Loss
        let readable = e.NodeCount <= 3000
        let written = FormulaLoss(e, Formula.unknown "formula")

        let direct, value =
            if readable then
                Loss.value c.Loss c.Label c.Score, Loss.value written c.Label c.Score
            else
                0.0, 0.0

        (not readable
         || (direct = value || Double.IsNaN direct && Double.IsNaN value) && ExprLaws.readsBack _.Infix e)
        |> Prop.classify readable "at most 3000 nodes"
        |> Prop.label $"{c}: {e} is {value:R}, not {direct:R}"

    [<Test>]
    member _.``Every registered loss has a formula in TeX with balanced braces``() =
        for entry in Losses.all do
            let e =
                match entry.Definition with
                | LossDefinition.Scalar create -> Formula.ofLoss (create entry.Defaults)
                | LossDefinition.Multiclass create -> Formula.ofMulticlass (create entry.Defaults) 3 1

            Assert.That(ExprLaws.balanced e.TeX, entry.Name)

    [<Test>]
    member _.``A tree too large to be read says how large it is, at once``() =
        let grown = Seq.fold (fun (x: Expr) _ -> Expr.Exp x * Expr.Log x) (Expr.Variable "z") [ 1..60 ]
        Assert.That(grown.NodeCount, Is.EqualTo Int32.MaxValue)
        Assert.That(grown.Infix, Does.Contain "nodes")
        Assert.That(grown.TeX, Does.Contain "nodes")

    [<Property(MaxTest = 300)>]
    member _.``A loss from text has value and derivatives of the loss in code, bit for bit``(UnitLabel y, Score z) =
        let agree (code: ILoss) (text: string) =
            let written = Formula.parse text |> Require.ok
            let struct (a, b, c) = Loss.jet code y z
            let struct (p, d, h) = Loss.jet written y z
            a = p && b = d && c = h && Loss.derivative written y z = Loss.derivative code y z

        agree (PlainCrossEntropy()) "softplus(z) - y*z"
        && agree (Squared()) "(z - y)^2"
        && agree (HalfSquared()) "0.5*(z - y)^2"

    [<Test>]
    member _.``A loss from a function of F# is the one from text``() =
        let fromCode = Formula.loss "mine" (fun y z -> FormulaFunctions.softplus z - y * z)
        let fromText = Formula.parse "softplus(z)-y*z" |> Require.ok
        Assert.That(fromCode.Formula, Is.EqualTo fromText.Formula)
        Assert.That((fromCode :> ILoss).Metadata.Name, Is.EqualTo "mine")
        Assert.That(Loss.derivative fromCode 1.0 0.0, Is.EqualTo -0.5)

        let numbers = Formula.loss "numbers" (fun y z -> 2.0 * abs (z - y) + exp (z - 1.0) ** 0.5 / 4.0)
        Assert.That(string numbers.Formula, Is.EqualTo "2*abs(z - y) + exp(z - 1)^0.5/4")

    [<Test>]
    member _.``Operators bind as in mathematics``() =
        Assert.That(ExprLaws.precedence (Formula.expression [ "z" ]))

    [<TestCase("z z", 3, "operator")>]
    [<TestCase("exp(z", 6, "')'")>]
    [<TestCase("sofplus(z)", 1, "did you mean 'softplus'")>]
    [<TestCase("y + x*z", 5, "no name 'x'")>]
    [<TestCase("z^y", 3, "constant")>]
    [<TestCase("", 1, "the end")>]
    [<TestCase("max(z)", 6, "','")>]
    [<TestCase("1e999", 1, "no number")>]
    [<TestCase("if z then 1 else 2", 6, "comparison")>]
    [<TestCase("z # 1", 3, "'#'")>]
    member _.``A text that is no formula is refused with the place and the reason``
        (text: string, at: int, reason: string)
        =
        match Formula.parse text with
        | Error(HindsightError.Malformed(_, position, why)) ->
            Assert.That(position, Is.EqualTo $"character {at}")
            Assert.That(why, Does.Contain reason)
        | other -> Assert.Fail(string other)

    [<TestCase("(", ")")>]
    [<TestCase("-", "")>]
    [<TestCase("exp(", ")")>]
    [<TestCase("2^", "")>]
    member _.``Nesting without end is refused before the stack ends``(opening: string, closing: string) =
        let text = String.replicate 100_000 opening + "z" + String.replicate 100_000 closing

        match Formula.parse text with
        | Error(HindsightError.Malformed(_, _, why)) -> Assert.That(why, Does.Contain "more than")
        | other -> Assert.Fail(string other)

    [<Test>]
    member _.``A chain of operators without end is refused``() =
        match Formula.parse (String.replicate 100_000 "z + " + "z*z") with
        | Error(HindsightError.Malformed(_, _, why)) -> Assert.That(why, Does.Contain "more than")
        | other -> Assert.Fail(string other)

    [<Test>]
    member _.``Parameters of a formula are replaced by their values``() =
        let loss = Formula.parseWith [ "delta", 2.0 ] "delta*z - y" |> Require.ok
        Assert.That(string loss.Formula, Is.EqualTo "2*z - y")

        for bad in
            [
                [ "z", 1.0 ]
                [ "exp", 1.0 ]
                [ "a", 1.0; "a", 2.0 ]
                [ "a", nan ]
                [ "2a", 1.0 ]
            ] do
            match Formula.parseWith bad "z" with
            | Error(HindsightError.OutOfRange _) -> ()
            | other -> Assert.Fail $"{bad}: {other}"

    [<Test>]
    member _.``The default tree and the default formula loss are the constant 0``() =
        let e = Unchecked.defaultof<Expr>
        Assert.That(e, Is.EqualTo(Expr.Constant 0.0))
        Assert.That(string (e + Expr.Variable "z"), Is.EqualTo "z")
        Assert.That(e.GetHashCode(), Is.EqualTo((Expr.Constant 0.0).GetHashCode()))
        let loss = Unchecked.defaultof<FormulaLoss>
        Assert.That(Loss.value loss 1.0 2.0, Is.EqualTo 0.0)
        Assert.That((loss :> ILoss).Metadata.Convex, Is.False)

    [<TestCase("softplus(z) - y*z", 2)>]
    [<TestCase("(z - y)^2/2 + exp(-z)", 2)>]
    [<TestCase("max(0, 1 - y*z)", 0)>]
    [<TestCase("abs(z - y) + tanh(z)", 0)>]
    [<TestCase("if z >= 0 then 1 else 0", -1)>]
    [<TestCase("1/z", -1)>]
    [<TestCase("sqrt(abs(z))", -1)>]
    [<TestCase("z^1.5", -1)>]
    [<TestCase("1 + log(z)", -1)>]
    member _.``A formula declares no more continuity than its parts have``(text: string, continuity: int) =
        let loss = Formula.parse text |> Require.ok :> ILoss
        Assert.That(loss.Metadata.Continuity, Is.EqualTo continuity)
        Assert.That(loss.Metadata.Infimum.HasValue, Is.False)

    [<TestCase("a b")>]
    [<TestCase("log")>]
    [<TestCase("")>]
    [<TestCase("1a")>]
    member _.``A variable's name is a word that formulas do not use``(name: string) =
        let e = Assert.Throws<HindsightException>(fun () -> Expr.Variable name |> ignore<Expr>)
        Assert.That(e.Message, Does.Contain "name is")

    [<Test>]
    member _.``A loss of other variables than label and score is refused``() =
        let build () =
            FormulaLoss(Expr.Variable "x", Formula.unknown "x") |> ignore<FormulaLoss>

        let e = Assert.Throws<HindsightException> build
        Assert.That(e.Message, Does.Contain "variable of a loss 'x'")

    [<TestCase("0.5*(z - y)^2", @"\tfrac{1}{2} {\left(z - y\right)}^{2}")>]
    [<TestCase("log(2*pi)/2 + sqrt(2*pi)*z", @"\tfrac{1}{2} \log\left(2 \pi\right) + \sqrt{2 \pi} z")>]
    [<TestCase("softplus(z) - y*z", @"\operatorname{softplus}\left(z\right) - y z")>]
    [<TestCase("if z >= 1 then abs(z) else 1e-20",
               @"\begin{cases} \left|z\right| & \text{if } z \ge 1 \\ 10^{-20} & \text{otherwise} \end{cases}")>]
    [<TestCase("xlogx(y)/(2*3.5)", @"\frac{y \log\left(y\right)}{7}")>]
    [<TestCase("3*2^0.5*sigmoid(-z)", @"3 \cdot {2}^{\tfrac{1}{2}} \sigma\left(-z\right)")>]
    member _.``TeX is what a paper would print``(text: string, tex: string) =
        Assert.That((Formula.parse text |> Require.ok).Formula.TeX, Is.EqualTo tex)

    [<TestCase("tau*theta1", @"\tau \theta_{1}")>]
    [<TestCase("my_rate + z12", @"\mathrm{my\_rate} + z_{12}")>]
    member _.``Names in TeX are letters of the Greek alphabet, indices and words``(text: string, tex: string) =
        let e = Formula.expression [ "tau"; "theta1"; "my_rate"; "z12" ] text |> Require.ok
        Assert.That(e.TeX, Is.EqualTo tex)

    [<TestCase("z*1 + 0", "z")>]
    [<TestCase("z*0 + y", "y")>]
    [<TestCase("-(-z)", "z")>]
    [<TestCase("-(z - y)", "y - z")>]
    [<TestCase("z - z", "0")>]
    [<TestCase("z + z", "2*z")>]
    [<TestCase("z*z", "z^2")>]
    [<TestCase("z*2*0.5", "z")>]
    [<TestCase("1/4 + 1/2", "0.75")>]
    [<TestCase("1/3 + 1/3", "2*(1/3)")>]
    [<TestCase("0.1 + 0.2", "0.1 + 0.2")>]
    [<TestCase("z - -3", "z + 3")>]
    [<TestCase("-3*-z", "3*z")>]
    [<TestCase("z*(0 - y)", "-z*y")>]
    [<TestCase("sqrt(9) + exp(0) + log(1)", "4")>]
    [<TestCase("2*3.141592653589793 + 2*pi", "6.283185307179586 + 2*pi")>]
    member _.``Trees simplify themselves``(text: string, simple: string) =
        Assert.That(string (Formula.parse text |> Require.ok).Formula, Is.EqualTo simple)

    /// Named constants against double-double arithmetic on pi, whose 32 digits are those of every table.
    [<Test>]
    member _.``A constant's name stands for its value to double-double precision``() =
        for name, expected in NamedConstant.computed<DD>() do
            let tree = Formula.expression [] name |> Require.ok
            Assert.That(tree.NodeCount, Is.EqualTo 1, name)
            Assert.That(tree.Infix, Is.EqualTo name)
            let off = tree.Evaluate<DD>(fun _ -> DD 0.0) - expected
            Assert.That(abs (off.Hi + off.Lo), Is.LessThan(1e-30 * abs expected.Hi), name)

    [<Test>]
    member _.``A formula applies a function by its value``() =
        let applied: Expr = LogExp.Of(Expr.Variable "z")
        Assert.That(string applied, Is.EqualTo "log(exp(z))")
        let counter = OperationCounter()
        let counted: Count = LogExp.Of(Count(2.0, counter))
        Assert.That(counter.Transcendentals, Is.EqualTo 2)
        Assert.That(counted.V, Is.EqualTo(2.0).Within(2).Ulps)

    // ---- counting ----

    [<Test>]
    member _.``The cost of some losses, counted by hand``() =
        Assert.That(ExprLaws.counts (fun loss y z -> Count.Of(loss, y, z)))

    [<Test>]
    member _.``A derivative shares the evaluation of a function with its value``() =
        let both = Count.OfDerivative(PlainCrossEntropy(), 0.25, 2.0)
        // softplus and sigmoid: one call; two products of the product rule beside the value's, one of the chain rule
        Assert.That(both.Transcendentals, Is.EqualTo 1)
        Assert.That(both.Multiplications, Is.EqualTo 4)
        Assert.That(both.Additions, Is.EqualTo 3)
        Assert.That(both.Total, Is.EqualTo 8)

    [<Property(MaxTest = 300)>]
    member _.``The operations of a tree are its inner nodes that depend on a variable``(Tree e) =
        let rec dependent (e: Expr) =
            let own =
                if e.Children.Length > 0 && e.Variables.Length > 0 then
                    1
                else
                    0

            own + Array.sumBy dependent e.Children

        let counter = OperationCounter()
        let counted = e.Evaluate<Count>(fun name -> Count((if name = "y" then 0.25 else 2.0), counter))
        let value = e.Evaluate<R64>(fun name -> R64(if name = "y" then 0.25 else 2.0)).V

        counter.Total = dependent e && (counted.V = value || Double.IsNaN value && Double.IsNaN counted.V)
