namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Functions over any scalar.
module TwoVariables =
    open Hindsight.FSharp.Ops

    /// x e^(x y), differentiated by its formula.
    let formula<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) : 'T = x * 'T.Exp(x * y)

    let crossEntropyLessEntropy<'T when 'T :> IReal<'T> and 'T: struct> (y: 'T) (z: 'T) : 'T =
        let other = 'T.Const 1.0 - y
        let struct (positive, negative, _, _) = 'T.SoftplusPair z
        (y * negative + other * positive) + ('T.XLogX y + 'T.XLogX other)

    let apply<'F, 'T when 'F :> IScalarFunction2 and 'F: struct and 'T :> IReal<'T> and 'T: struct>
        (f: 'F)
        (x: 'T)
        (y: 'T)
        : 'T =
        'T.Apply2(f, x, y)

    let divergence<'T when 'T :> IReal<'T> and 'T: struct> (y: 'T) (z: 'T) : 'T = 'T.LogitDivergence(y, z)

    let isZero<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : bool = 'T.IsZero x

/// What functions of two variables must obey, as functions of what is tested.
module TwoVariablesLaw =
    /// Two variables that move along a curve: place, speed and acceleration of each.
    let curves =
        [|
            for x in [ 0.3; 0.62 ] do
                for y in [ -0.4; 1.1 ] do
                    for dx, dy in [ 0.0, 1.0; 1.0, 0.0; 0.7, -1.3 ] do
                        for hx, hy in [ 0.0, 0.0; 0.4, 0.9 ] do
                            Jet2(R64 x, R64 dx, R64 hx), Jet2(R64 y, R64 dy, R64 hy)
        |]

    let private near (a: float) (b: float) =
        abs (a - b) <= 1e-13 * (1.0 + abs a + abs b)

    /// Whether two functions have the same jets to second order along all curves, and the same duals.
    let sameJets
        (f: Jet2<R64> -> Jet2<R64> -> Jet2<R64>)
        (g: Jet2<R64> -> Jet2<R64> -> Jet2<R64>)
        (fd: Dual<R64> -> Dual<R64> -> Dual<R64>)
        =
        curves
        |> Array.forall (fun (x, y) ->
            let a, b = f x y, g x y
            let d = fd (Dual(x.P, x.D)) (Dual(y.P, y.D))
            near a.P.V b.P.V && near a.D.V b.D.V && near a.H.V b.H.V && near d.D.V b.D.V)

    /// Label, score and the divergence, computed by mpmath with 60 digits.
    let golden =
        [|
            0.3, -0.84728, 3.3494390024305198e-11
            0.3, 0.41, 0.18514983203575073
            1e-12, -27.07, 1.9143993694659807e-13
            1e-12, -43.28, 1.4648979043930118e-11
            0.999999, 13.8, 1.2089728464424678e-10
            0.0, -30.0, 9.3576229688397368e-14
            1.0, -2.0, 2.1269280110429725
            0.5, 1e-06, 1.2499999999999478e-13
            0.25, -900.0, 224.43766485538119
            0.25, 900.0, 674.43766485538119
            1e-30, -69.0, 3.0864878859079675e-33
            0.77, 1.2083, 1.1119488969141987e-11
        |]

    /// Whether a divergence is within 4 units in the last place, times the condition number where that is above 1.
    let accurate (f: float -> float -> float) =
        golden
        |> Array.forall (fun (y, z, expected) ->
            let struct (_, byLabel, byScore) = Scalar.logitDivergence y z
            let moved = max expected (abs (y * byLabel) + abs (z * byScore))
            abs (f y z - expected) <= 4.0 * Ulp.eps * moved)

    /// x - ln(1+x), its series cut or changed by the mutants.
    let lessLog (third: float) (x: float) =
        if abs x < 1e-3 then
            x * x * (0.5 - x * (third - x * (0.25 - x * (0.2 - x / 6.0))))
        else
            x - Scalar.log1p x

    /// The divergence of a mean and a logit by x - ln(1+x), and what is added where s(z) vanishes.
    let byLessLog (less: float -> float) (y: float) (z: float) =
        let struct (s, t) = Scalar.sigmoids z
        let o = 1.0 - y
        let d = if y <= 0.5 then s - y else o - t

        if abs z > 700.0 then
            y * Scalar.softplus -z + o * Scalar.softplus z + Scalar.xlogx y + Scalar.xlogx o
        else
            (if y = 0.0 then d else y * less (d / y)) + (if o = 0.0 then -d else o * less (-d / o))

/// A function of two variables as a pair of slopes.
[<Struct; NoComparison; NoEquality>]
type private Growth =
    interface IScalarFunction2 with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T = TwoVariables.formula x y

        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T =
            let product = 'T.op_Multiply (x, y)
            'T.op_Multiply ('T.Exp product, 'T.op_Addition ('T.Const 1.0, product))

        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T =
            'T.op_Multiply ('T.Sqr x, 'T.Exp('T.op_Multiply (x, y)))

[<Category("scalars")>]
type TwoVariablesLaws() =
    [<Test>]
    member _.``A function applied with its slopes has the jets of its formula, whichever variable moves``() =
        Assert.That(
            TwoVariablesLaw.sameJets
                (TwoVariables.apply (Growth()))
                TwoVariables.formula
                (TwoVariables.apply (Growth()))
        )

    [<Test>]
    member _.``The divergence of a mean and a logit has the jets of cross-entropy less entropy, whichever variable moves``
        ()
        =
        Assert.That(
            TwoVariablesLaw.sameJets
                TwoVariables.divergence
                TwoVariables.crossEntropyLessEntropy
                TwoVariables.divergence
        )

    [<Test>]
    member _.``A dual of a dual of the divergence is its second jet``() =
        for x, y in TwoVariablesLaw.curves do
            let jet = TwoVariables.divergence x y
            // the acceleration of a variable is the speed of its speed
            let inner (v: Jet2<R64>) = Dual(Dual(v.P, v.D), Dual(v.D, v.H))
            let nested = TwoVariables.divergence (inner x) (inner y)
            Assert.That(nested.P.P.V, Is.EqualTo jet.P.V)
            Assert.That(nested.D.P.V, Is.EqualTo(jet.D.V).Within(1e-14))
            Assert.That(nested.D.D.V, Is.EqualTo(jet.H.V).Within(1e-13))

    [<Test>]
    member _.``Golden: the divergence of a mean and a logit, close to its minimum, at labels 0 and 1, and where s(z) vanishes``
        ()
        =
        Assert.That(TwoVariablesLaw.accurate (fun y z -> Loss.value (KullbackLeibler()) y z))

    [<Test>]
    member _.``The divergence of a logit is cross-entropy less entropy, in 30 digits, over the whole domain``() =
        let loss = KullbackLeibler() :> ILoss

        for struct (y, z) in Accuracy.points 5UL 5000 loss.Metadata do
            let expected = TwoVariables.crossEntropyLessEntropy (DD y) (DD z)
            let actual = loss.Eval(DD y, DD z)
            Assert.That(abs (actual - expected).Hi, Is.LessThanOrEqualTo(1e-29 * (1.0 + abs z)), $"{y:R}, {z:R}")
            Assert.That(actual.Hi, Is.GreaterThanOrEqualTo 0.0)
            Assert.That(Loss.value loss y z, Is.GreaterThanOrEqualTo 0.0)

    [<Test>]
    member _.``Zero is known as zero in all its parts, and nothing else is``() =
        Assert.That(TwoVariables.isZero (R64 0.0) && TwoVariables.isZero (R64 -0.0))
        Assert.That(TwoVariables.isZero (R64 Double.Epsilon), Is.False)
        Assert.That(TwoVariables.isZero (R64 nan), Is.False)
        Assert.That(TwoVariables.isZero (DD 0.0) && not (TwoVariables.isZero (DD 1e-300)))
        Assert.That(TwoVariables.isZero (Ival.Point 0.0) && not (TwoVariables.isZero (Ival(0.0, 1.0))))
        Assert.That(TwoVariables.isZero (Dual(R64 0.0, R64 0.0)))
        Assert.That(TwoVariables.isZero (Dual(R64 0.0, R64 1.0)), Is.False)
        Assert.That(TwoVariables.isZero (Jet2(R64 0.0, R64 0.0, R64 1.0)), Is.False)
        Assert.That(TwoVariables.isZero (Expr.Constant 0.0) && not (TwoVariables.isZero (Expr.Variable "y")))

        for lanes in [ [| 0.0; 0.0; 0.0; 0.0 |]; [| 0.0; 1.0; 0.0; 0.0 |] ] do
            let v = V256(System.Runtime.Intrinsics.Vector256.Create<float>(ReadOnlySpan lanes))
            Assert.That(TwoVariables.isZero v, Is.EqualTo(Array.forall ((=) 0.0) lanes))
