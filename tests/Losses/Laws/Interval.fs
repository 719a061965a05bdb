namespace Hindsight.Tests.Losses

open System
open System.Numerics
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Real numbers with 1300 binary places: every double is exact in them, and exp, ln, sine and cosine are good to more than 200 bits.
[<RequireQualifiedAccess>]
module Fixed =
    let private places = 1300
    let one = BigInteger.One <<< places

    let ofFloat (x: float) =
        let bits = BitConverter.DoubleToInt64Bits x
        let exponent = int (bits >>> 52) &&& 0x7FF
        let fraction = bits &&& 0xFFFFFFFFFFFFFL

        let mantissa =
            if exponent = 0 then
                fraction
            else
                fraction ||| 0x10000000000000L

        let shift = (max exponent 1) - 1075 + places
        let value = BigInteger mantissa <<< shift
        if bits < 0L then -value else value

    let mul (a: BigInteger) (b: BigInteger) = (a * b) >>> places
    let div (a: BigInteger) (b: BigInteger) = (a <<< places) / b

    let private series (first: BigInteger) (next: int -> BigInteger -> BigInteger) =
        let rec go k (term: BigInteger) sum =
            if term.IsZero || term = BigInteger.MinusOne then
                sum
            else
                go (k + 1) (next k term) (sum + term)

        go 1 first BigInteger.Zero

    let exp (x: BigInteger) =
        let halvings = 16
        let r = x >>> halvings
        let e = series one (fun k term -> mul term r / BigInteger k)
        Seq.fold (fun e _ -> mul e e) e (seq { 1..halvings })

    let sinCos (x: BigInteger) =
        let square = mul x x
        let sine = series x (fun k term -> -(mul term square) / BigInteger(2 * k * (2 * k + 1)))
        let cosine = series one (fun k term -> -(mul term square) / BigInteger(2 * k * (2 * k - 1)))
        struct (sine, cosine)

    /// Halley's iteration from the double: each step triples the number of right digits.
    let log (x: float) =
        let target = ofFloat x

        let step l =
            let e = exp l
            l + div (target - e) (target + e) * BigInteger 2

        Seq.fold (fun l _ -> step l) (ofFloat (Math.Log x)) (seq { 1..4 })

/// What an interval operation must do, for any implementation of it.
[<RequireQualifiedAccess>]
module IntervalLaw =
    let private inside (i: Ival) x = Double.IsNaN x || i.Contains x

    /// Points of an interval: its ends, its middle and some between.
    let points (x: Ival) =
        [|
            x.Lo
            x.Hi
            x.Middle
            for t in [ 0.1; 0.37; 0.81 ] do
                (1.0 - t) * x.Lo + t * x.Hi
        |]
        |> Array.filter (fun p -> Double.IsFinite p && x.Contains p)

    /// The rounded value of every point lies in the enclosure.
    let unary (op: Ival -> Ival) (f: float -> float) (x: Ival) =
        let y = op x

        not (Double.IsNaN y.Lo) && not (Double.IsNaN y.Hi) && points x |> Array.forall (f >> inside y)

    let binary (op: Ival -> Ival -> Ival) (f: float -> float -> float) (x: Ival) (y: Ival) =
        let z = op x y

        not (Double.IsNaN z.Lo)
        && not (Double.IsNaN z.Hi)
        && Array.allPairs (points x) (points y) |> Array.forall (fun (a, b) -> inside z (f a b))

    /// A part of the argument has a part of the result.
    let isotonic (op: Ival -> Ival) (part: Ival) (whole: Ival) = (op whole).Encloses(op part)

    /// The true value at a point lies in the enclosure, and the enclosure is no wider than so many ulps of it.
    /// gap y x is the sign of f(x) - y, decided in exact arithmetic.
    let encloses (op: Ival -> Ival) (gap: float -> float -> int) ulps (x: float) =
        let y = op (Ival.Point x)

        (Double.IsInfinity y.Lo || gap y.Lo x >= 0)
        && (Double.IsInfinity y.Hi || gap y.Hi x <= 0)
        && y.Hi - y.Lo <= ulps * Ulp.at y.Magnitude

/// Two nested intervals with ends of very different magnitudes; some are points, some have an infinite end.
[<NoComparison>]
type Nested = { Whole: Ival; Part: Ival }

type IntervalArbitraries =
    static member Nested() =
        let ends =
            Gen.frequency
                [
                    1, Gen.constant 0.0
                    4, Draw.normal
                    4, Draw.magnitude -3.0 2.5
                    1, Draw.magnitude -320.0 308.0
                    1, Gen.elements [ 1.0; -1.0; 0.5; 2.0 ]
                ]

        let nested =
            gen {
                let! ends = Gen.arrayOfLength 4 ends
                let! shape = Gen.choose (0, 9)

                if shape = 0 then
                    return
                        {
                            Whole = Ival.Point ends[0]
                            Part = Ival.Point ends[0]
                        }
                else
                    Array.sortInPlace ends
                    let low = if shape = 1 then Double.NegativeInfinity else ends[0]
                    let high = if shape = 2 then Double.PositiveInfinity else ends[3]

                    return
                        {
                            Whole = Ival(low, high)
                            Part = Ival(ends[1], ends[2])
                        }
            }

        Arb.fromGen nested

[<RequireQualifiedAccess>]
module IntervalCases =
    /// Every function of one variable of the algebra, on any scalar.
    let unary<'T when 'T :> IReal<'T> and 'T: struct> () : (string * ('T -> 'T)) list =
        [
            "exp", 'T.Exp
            "log", 'T.Log
            "log1p", 'T.Log1p
            "expm1", 'T.Expm1
            "expm1 of the pair", (fun x -> let struct (a, _) = 'T.Expm1Exp x in a)
            "exp of the pair", (fun x -> let struct (_, b) = 'T.Expm1Exp x in b)
            "sqrt", 'T.Sqrt
            "sqr", 'T.Sqr
            "pow 2.5", (fun x -> 'T.Pow(x, 2.5))
            "pow 0.5", (fun x -> 'T.Pow(x, 0.5))
            "pow -1.5", (fun x -> 'T.Pow(x, -1.5))
            "pow 1", (fun x -> 'T.Pow(x, 1.0))
            "pow 0", (fun x -> 'T.Pow(x, 0.0))
            "sigmoid", 'T.Sigmoid
            "first of the sigmoids", (fun x -> let struct (a, _) = 'T.Sigmoids x in a)
            "second of the sigmoids", (fun x -> let struct (_, b) = 'T.Sigmoids x in b)
            "softplus", 'T.Softplus
            "softplus of the triple", (fun x -> let struct (a, _, _) = 'T.SoftplusSigmas x in a)
            "sigmoid of the triple", (fun x -> let struct (_, b, _) = 'T.SoftplusSigmas x in b)
            "last of the triple", (fun x -> let struct (_, _, c) = 'T.SoftplusSigmas x in c)
            "x ln x", 'T.XLogX
            "tanh", 'T.Tanh
            "atan", 'T.Atan
            "abs", 'T.Abs
            "negation", (fun x -> 'T.op_UnaryNegation x)
        ]

    let binary<'T when 'T :> IReal<'T> and 'T: struct> () : (string * ('T -> 'T -> 'T)) list =
        [
            "sum", (fun x y -> 'T.op_Addition (x, y))
            "difference", (fun x y -> 'T.op_Subtraction (x, y))
            "product", (fun x y -> 'T.op_Multiply (x, y))
            "quotient", (fun x y -> 'T.op_Division (x, y))
            "max", (fun x y -> 'T.Max(x, y))
            "min", (fun x y -> 'T.Min(x, y))
            "select", (fun x y -> 'T.Select(x, y, 'T.op_UnaryNegation y))
        ]

    let domain name =
        match name with
        | "log"
        | "sqrt"
        | "x ln x" -> Domain.NonNegative
        | "log1p" ->
            { Domain.Reals with
                Low = -1.0
                LowClosed = true
            }
        | name when name.StartsWith "pow" && name <> "pow 0" -> Domain.NonNegative
        | _ -> Domain.Reals

    /// The same on doubles; NaN outside the domain.
    let floats =
        unary<R64>()
        |> List.map (fun (name, f) -> name, (fun x -> if (domain name).Contains x then (f (R64 x)).V else nan))

    let find name table : 'F =
        table |> List.find (fst >> (=) name) |> snd

    let private fix = Fixed.ofFloat
    let private one = Fixed.one
    let private negated y = Fixed.exp (-(fix y))

    /// Name; where it is tried; greatest width at a point in ulps; the sign of f(x) - y.
    let truths: (string * Domain * float * (float -> float -> int)) list =
        [
            "exp", Domain.Closed(-300.0, 300.0), 4.0, (fun y x -> (Fixed.exp (fix x) - fix y).Sign)
            "log", Domain.Closed(1e-300, 1e300), 4.0, (fun y x -> (fix x - Fixed.exp (fix y)).Sign)
            "log1p", Domain.Closed(-0.999, 300.0), 16.0, (fun y x -> (one + fix x - Fixed.exp (fix y)).Sign)
            "expm1", Domain.Closed(-300.0, 300.0), 16.0, (fun y x -> (Fixed.exp (fix x) - one - fix y).Sign)
            "sigmoid", Domain.Closed(-300.0, 300.0), 16.0, (fun y x -> (one - Fixed.mul (fix y) (one + negated x)).Sign)
            "softplus",
            Domain.Closed(-200.0, 200.0),
            16.0,
            (fun y x -> (one + Fixed.exp (fix x) - Fixed.exp (fix y)).Sign)
            "x ln x", Domain.Closed(1e-100, 1e100), 16.0, (fun y x -> (Fixed.mul (fix x) (Fixed.log x) - fix y).Sign)
            "tanh",
            Domain.Closed(-100.0, 100.0),
            8.0,
            (fun y x ->
                let e = Fixed.exp (fix x + fix x)
                (e - one - Fixed.mul (fix y) (e + one)).Sign)
            "atan",
            Domain.Closed(-1e10, 1e10),
            4.0,
            (fun y x ->
                let struct (sine, cosine) = Fixed.sinCos (fix y)
                (Fixed.mul (fix x) cosine - sine).Sign)
            "pow 2.5",
            Domain.Closed(1e-50, 1e50),
            4.0,
            (fun y x -> (Fixed.exp (BigInteger 5 * Fixed.log x >>> 1) - fix y).Sign)
            "pow -1.5",
            Domain.Closed(1e-50, 1e50),
            4.0,
            (fun y x -> (Fixed.exp (BigInteger -3 * Fixed.log x >>> 1) - fix y).Sign)
            "sqrt",
            Domain.Closed(1e-250, 1e300),
            1.0,
            (fun y x ->
                if y < 0.0 then
                    1
                else
                    (fix x - Fixed.mul (fix y) (fix y)).Sign)
        ]

    /// Four operations whose results are compared exactly: the sign of a op b - y.
    let exact: (string * (float -> float -> float -> int)) list =
        [
            "sum", (fun y a b -> (fix a + fix b - fix y).Sign)
            "difference", (fun y a b -> (fix a - fix b - fix y).Sign)
            "product", (fun y a b -> (fix a * fix b - fix y * one).Sign)
            "quotient", (fun y a b -> (fix a * one - fix y * fix b).Sign * (fix b).Sign)
        ]

/// Outward rounding, one primitive at a time.
[<Category("intervals"); Laws(Arbitrary = [| typeof<IntervalArbitraries>; typeof<LossArbitraries> |])>]
type IntervalLaws() =
    static let unaryPairs =
        List.zip (IntervalCases.unary<Ival>()) IntervalCases.floats
        |> List.map (fun ((name, op), (_, f)) -> name, op, f)

    [<Property(MaxTest = 1000)>]
    member _.``The rounded value of every point of the argument lies in the enclosure, for every function of one variable``
        (n: Nested)
        =
        unaryPairs
        |> List.map (fun (name, op, f) -> IntervalLaw.unary op f n.Whole |> Prop.label $"{name} of {n.Whole}")
        |> List.reduce (.&.)
        |> Prop.classify (n.Whole.Lo = n.Whole.Hi) "a point"
        |> Prop.classify (Double.IsInfinity(n.Whole.Hi - n.Whole.Lo)) "a half line"
        |> Prop.classify (n.Whole.Contains 0.0) "0 inside"

    [<Property(MaxTest = 1000)>]
    member _.``The rounded result at every pair of points lies in the enclosure, for every function of two variables``
        (a: Nested, b: Nested)
        =
        List.zip (IntervalCases.binary<Ival>()) (IntervalCases.binary<R64>())
        |> List.map (fun ((name, op), (_, f)) ->
            // dividing by 0 is outside the domain
            let float x y =
                if name = "quotient" && y = 0.0 then
                    nan
                else
                    (f (R64 x) (R64 y)).V

            IntervalLaw.binary op float a.Whole b.Whole |> Prop.label $"{name} of {a.Whole} and {b.Whole}")
        |> List.reduce (.&.)

    [<Property(MaxTest = 1000)>]
    member _.``Inclusion isotonicity: a part of the argument has a part of the result``(a: Nested, b: Nested) =
        let one =
            unaryPairs
            |> List.map (fun (name, op, _) ->
                // on a part outside the domain nothing is claimed
                let defined = (IntervalCases.domain name).Low <= a.Part.Hi

                (not defined || IntervalLaw.isotonic op a.Part a.Whole)
                |> Prop.label $"{name}: {a.Part} in {a.Whole}")

        let two =
            IntervalCases.binary<Ival>()
            |> List.map (fun (name, op) ->
                let defined = name <> "quotient" || b.Part.Magnitude > 0.0

                (not defined || (op a.Whole b.Whole).Encloses(op a.Part b.Part))
                |> Prop.label $"{name}: {a.Part}, {b.Part} in {a.Whole}, {b.Whole}")

        List.reduce (.&.) (one @ two)

    [<Property(MaxTest = 1000)>]
    member _.``Sum, difference, product and quotient enclose the exact result and are its nearest doubles``
        (Score a, Score b)
        =
        IntervalCases.exact
        |> List.map (fun (name, sign) ->
            let op = IntervalCases.find name (IntervalCases.binary<Ival>())
            let y = op (Ival.Point a) (Ival.Point b)
            let skip = name = "quotient" && b = 0.0

            let tight =
                y.Lo = y.Hi && sign y.Lo a b = 0
                || y.Hi = Math.BitIncrement y.Lo && sign y.Lo a b > 0 && sign y.Hi a b < 0

            (skip || tight) |> Prop.label $"{name} of {a:R} and {b:R}: {y}")
        |> List.reduce (.&.)

    [<TestCaseSource("Truths")>]
    member _.``The true value lies in the enclosure of a point: the error budget of the base library holds here``
        (name: string)
        =
        let _, domain, ulps, gap = IntervalCases.truths |> List.find (fun (n, _, _, _) -> n = name)
        let op = IntervalCases.find name (IntervalCases.unary<Ival>())

        for x in
            Gen.sampleWithSeed (Rnd 20_261_125UL) 50 400 (Gen.oneof [ Draw.magnitude -12.0 2.4; Draw.inside domain ]) do
            if domain.Contains x then
                Assert.That(IntervalLaw.encloses op gap ulps x, $"{name} at {x:R}: {op (Ival.Point x)}")

    static member Truths = IntervalCases.truths |> List.map (fun (name, _, _, _) -> name)

    [<Test>]
    member _.``Conventions: 0 times infinity is 0, division by 0 is a half line where the signs decide it, else the line``
        ()
        =
        let product = IntervalCases.find "product" (IntervalCases.binary<Ival>())
        let quotient = IntervalCases.find "quotient" (IntervalCases.binary<Ival>())
        let show (x: Ival) = string x
        let line = Ival.Whole
        Assert.That(show (product (Ival.Point 0.0) line), Is.EqualTo "[0, 0]")
        Assert.That(show (product (Ival(0.0, infinity)) (Ival(-1.0, 0.0))), Is.EqualTo "[-Infinity, 0]")
        Assert.That(show (quotient (Ival(1.0, 2.0)) (Ival(0.0, 4.0))), Is.EqualTo "[0.25, Infinity]")
        Assert.That(show (quotient (Ival(1.0, 2.0)) (Ival(-4.0, 0.0))), Is.EqualTo "[-Infinity, -0.25]")
        Assert.That(show (quotient (Ival(-1.0, 2.0)) (Ival(0.0, 4.0))), Is.EqualTo(show line))
        Assert.That(show (quotient (Ival(1.0, 2.0)) (Ival(-1.0, 4.0))), Is.EqualTo(show line))
        Assert.That(show (quotient (Ival.Point 0.0) (Ival(0.0, 4.0))), Is.EqualTo "[0, 0]")

    [<Test>]
    member _.``Ends that are not ordered, or NaN, are refused``() =
        for low, high in [ 1.0, 0.0; nan, 0.0; 0.0, nan ] do
            let make () =
                string (Ival(low, high)) |> TestContext.Out.WriteLine

            let error = Assert.Throws<HindsightException>(fun () -> make ())
            Assert.That(error.Message, Does.Contain "low <= high")

/// The registered losses read over intervals.
[<RequireQualifiedAccess>]
module EnclosureLaw =
    let private within (i: Ival) (x: float) = Double.IsNaN x || i.Contains x

    /// The jet of every point of the box lies in the jet of the box.
    let jet (loss: ILoss) (label: Ival) (score: Ival) =
        let point x = Ival.Point x
        let box = loss.Eval(Jet2(label, point 0.0, point 0.0), Jet2(score, point 1.0, point 0.0))
        let plain: Ival = loss.Eval(label, score)

        Array.allPairs (IntervalLaw.points label) (IntervalLaw.points score)
        |> Array.forall (fun (y, z) ->
            let struct (p, d, h) = Loss.jet loss y z
            within plain p && within box.P p && within box.D d && within box.H h)

    /// A smaller box has a smaller jet.
    let isotonic (loss: ILoss) (part: Ival * Ival) (whole: Ival * Ival) =
        let point x = Ival.Point x

        let at (label: Ival, score: Ival) =
            loss.Eval(Jet2(label, point 0.0, point 0.0), Jet2(score, point 1.0, point 0.0))

        let a = at part
        let b = at whole
        b.P.Encloses a.P && b.D.Encloses a.D && b.H.Encloses a.H

/// A loss and two nested boxes of its domains.
[<NoComparison; NoEquality>]
type BoxCase =
    {
        Case: ScalarCase
        Label: Nested
        Score: Nested
    }

    override c.ToString() =
        $"{c.Case}; label {c.Label.Whole}, score {c.Score.Whole}"

type BoxArbitraries =
    static member BoxCase() =
        /// the hull of draws from a domain, and a part of it
        let nested (d: Domain) =
            gen {
                let! ends = Gen.arrayOfLength 4 (Draw.inside d)
                let! shape = Gen.choose (0, 3)
                Array.sortInPlace ends

                return
                    if shape = 0 || d.EndsOnly then
                        {
                            Whole = Ival.Point ends[0]
                            Part = Ival.Point ends[0]
                        }
                    else
                        {
                            Whole = Ival(ends[0], ends[3])
                            Part = Ival(ends[1], ends[2])
                        }
            }

        let boxes =
            gen {
                let! case = Gen.bind Draw.scalarOf (Gen.elements Draw.scalarEntries)
                let! label = nested case.Loss.Metadata.Label
                let! score = nested case.Loss.Metadata.Score

                return
                    {
                        Case = case
                        Label = label
                        Score = score
                    }
            }

        Arb.fromGen boxes

[<Category("intervals"); Laws(Arbitrary = [| typeof<BoxArbitraries>; typeof<LossArbitraries> |])>]
type EnclosureLaws() =
    [<Property(MaxTest = 2000)>]
    member _.``Value and jets of a registered loss at every point of a box lie in its value and jets over intervals``
        (c: BoxCase)
        =
        EnclosureLaw.jet c.Case.Loss c.Label.Whole c.Score.Whole
        |> Prop.classify (c.Score.Whole.Width = 0.0) "a point of the score"
        |> Prop.classify (c.Score.Whole.Width > 10.0) "a wide box"

    [<Property(MaxTest = 2000)>]
    member _.``Inclusion isotonicity of a registered loss: a smaller box has smaller jets``(c: BoxCase) =
        EnclosureLaw.isotonic c.Case.Loss (c.Label.Part, c.Score.Part) (c.Label.Whole, c.Score.Whole)

    static member Multiclass = Draw.multiclassEntries |> Array.map (fun (e, _) -> e.Name)

    [<TestCaseSource("Multiclass")>]
    member _.``Value and partial derivatives of a registered multiclass loss at a point of a box lie in their enclosures``
        (name: string)
        =
        let entry = Draw.multiclassEntries |> Array.find (fun (e, _) -> e.Name = name)
        let cases = Gen.zip (Draw.multiclassOf entry) Draw.probability

        for c, t in Gen.sampleWithSeed (Rnd 20_261_125UL) 50 200 cases do
            let wide = c.Scores |> Array.mapi (fun i z -> Ival(z - t * float (i % 3), z + t))
            let n = c.Scores.Length
            let value: Ival = c.Loss.Eval(c.Label, ReadOnlySpan wide)
            let here = (c.Loss.Eval(c.Label, ReadOnlySpan(Array.map R64 c.Scores))).V
            Assert.That(value.Contains here, $"{c}: {here:R} in {value}")

            for i in 0 .. n - 1 do
                let along j = if i = j then 1.0 else 0.0
                let boxes = Array.init n (fun j -> Dual(wide[j], Ival.Point(along j)))
                let points = Array.init n (fun j -> Dual(R64 c.Scores[j], R64(along j)))
                let enclosure = c.Loss.Eval(c.Label, ReadOnlySpan boxes).D
                let derivative = c.Loss.Eval(c.Label, ReadOnlySpan points).D.V

                Assert.That(
                    Double.IsNaN derivative || enclosure.Contains derivative,
                    $"{c}, score {i}: {derivative:R} in {enclosure}"
                )
