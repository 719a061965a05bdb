namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Two Bernoulli means, b inside (0,1), a also at the ends; a third of the pairs lie close together.
type Means = Means of a: float * b: float

type DivergenceArbitraries =
    static member Means() =
        Arb.fromGen (
            gen {
                let! b = Draw.probability
                let! far = Draw.unitLabel
                let! step = Draw.magnitude -9.0 -1.0
                let close = Math.Clamp(b + step * b * (1.0 - b), 0.0, 1.0)
                let! a = Gen.frequency [ 2, Gen.constant far; 1, Gen.constant close ]
                return Means(a, b)
            }
        )

/// The laws as functions of the divergences.
module DivergenceLaw =
    let kl a b = Divergence.binaryKl a b |> Require.ok
    let triangular a b = Divergence.triangular a b |> Require.ok
    let hellinger2 a b = Divergence.hellinger2 a b |> Require.ok
    let chiSquared a b = Divergence.chiSquared a b |> Require.ok

    /// small >= large fails by rounding alone at equality: 16 ulp.
    let atLeast (large: float) (small: float) =
        large >= small || Ulp.between large small <= 16.0

    let square (a: float) (b: float) = (a - b) * (a - b)

    let pinsker constant a b =
        atLeast (kl a b) (constant * square a b)

    let overHellinger factor a b =
        atLeast (kl a b) (factor * hellinger2 a b)

    let hellingerOverTriangular factor a b =
        atLeast (hellinger2 a b) (factor * triangular a b)

    let local factor (a: float) (b: float) =
        atLeast (kl a b) (square a b / (factor * max a b))

    let belowChiSquared factor a b =
        atLeast (factor * chiSquared a b) (kl a b)

    /// (s(u) - y)^2 <= factor KL loss
    let selfBounding factor (loss: ILoss) (y: float) u =
        let d = Loss.derivative loss y u
        // the loss of a logit is a difference of numbers of size |u| + 1
        d * d <= factor * Loss.value loss y u + 8.0 * Ulp.eps * (2.0 + abs u)

    /// E over a Bernoulli label of mean h of l(y,p) - l(y,h)
    let regret (loss: float -> float -> float) h p =
        h * (loss 1.0 p - loss 1.0 h) + (1.0 - h) * (loss 0.0 p - loss 0.0 h)

    let all =
        BregmanLaw.sample 400 5UL (DivergenceArbitraries.Means().Generator)
        |> Array.map (fun (Means(a, b)) -> struct (a, b))

    let holds law =
        all |> Array.forall (fun struct (a, b) -> law a b)

open DivergenceLaw

[<Category("divergence")>]
[<Laws(Arbitrary = [| typeof<DivergenceArbitraries>; typeof<LossArbitraries> |], MaxTest = 1000)>]
type DivergenceLaws() =
    [<Property>]
    member _.``The generator draws ends and close pairs``(Means(a, b)) =
        Prop.classify (a = 0.0 || a = 1.0) "end" (Prop.classify (abs (a - b) < 0.1 * b) "close" (b > 0.0 && b < 1.0))

    [<Property>]
    member _.``Pinsker: KL >= 2 (a - b)^2``(Means(a, b)) = pinsker 2.0 a b

    [<Property>]
    member _.``KL >= squared Hellinger >= half the triangular discrimination``(Means(a, b)) =
        overHellinger 1.0 a b && hellingerOverTriangular 0.5 a b

    [<Property>]
    member _.``KL >= (a - b)^2/(2 max(a, b))``(Means(a, b)) = local 2.0 a b

    [<Property>]
    member _.``KL <= chi squared = (a - b)^2/(b(1 - b))``(Means(a, b)) = belowChiSquared 1.0 a b

    [<Property>]
    member _.``The stated lower bound of KL is the largest of its parts and is below KL``(Means(a, b)) =
        let bound = Divergence.klLowerBound a b |> Require.ok

        atLeast (kl a b) bound
        && bound >= 2.0 * square a b
        && bound >= hellinger2 a b
        && bound >= square a b / (2.0 * max a b)
        && atLeast bound (0.5 * triangular a b)

    [<Property>]
    member _.``All divergences are 0 on the diagonal, symmetric under complement, and triangular and Hellinger are symmetric``
        (Means(a, b))
        =
        let same x y = abs (x - y) <= 1e-9 * (abs x + abs y)
        // 1 - a is exact for a multiple of 2^-40
        let unit = 1.0 / float (1L <<< 40)

        let round x =
            Math.Clamp(Math.Round(x / unit) * unit, unit, 1.0 - unit)

        let a, b = round a, round b

        kl b b = 0.0
        && triangular b b = 0.0
        && hellinger2 b b = 0.0
        && same (kl a b) (kl (1.0 - a) (1.0 - b))
        && same (triangular a b) (triangular b a)
        && same (hellinger2 a b) (hellinger2 b a)
        && same (hellinger2 a b) (hellinger2 (1.0 - a) (1.0 - b))

    [<Property>]
    member _.``Divergences are the sums over both outcomes that define them``(Means(a, b)) =
        let outcome f = f a b + f (1.0 - a) (1.0 - b)
        let triangle = outcome (fun p q -> if p + q = 0.0 then 0.0 else square p q / (p + q))
        let hellinger = outcome (fun p q -> square (sqrt p) (sqrt q))
        // 1 - a and 1 - b round: their difference is known to 1 ulp of 1
        abs (triangular a b - triangle) <= Ulp.eps * (8.0 * triangle + 8.0 * abs (a - b) + 4.0 * Ulp.eps)
        && abs (hellinger2 a b - hellinger) <= 8.0 * Ulp.eps * sqrt (hellinger2 a b) + 16.0 * Ulp.eps * Ulp.eps

    [<Property>]
    member _.``Regret of the square loss at mean h is (p - h)^2; of half of it, half``(Means(h, p)) =
        let identity loss factor =
            abs (regret loss h p - factor * square p h) <= 8.0 * Ulp.eps

        identity (Loss.value (Squared())) 1.0 && identity (Loss.value (HalfSquared())) 0.5

    [<Property>]
    member _.``Regret of the KL loss at mean h is KL(h || p)``(Means(h, p)) =
        let h = Math.Clamp(h, 1e-12, 1.0 - 1e-4)
        let scale = abs (log h) + abs (log p) + abs (log (1.0 - p)) + abs (log (1.0 - h))
        abs (regret kl h p - kl h p) <= 16.0 * Ulp.eps * (1.0 + scale)

    [<Property>]
    member _.``The KL loss of a logit is the binary divergence at its mean, and softplus(u) - y u - Ent(y)``
        (UnitLabel y, Score u)
        =
        let u = Math.Clamp(u, -30.0, 30.0)
        let p = Scalar.sigmoid u
        // the mean rounds: KL moves by its slope in the logit, p - y, times the rounding of the logit near 1
        abs (Loss.value (KullbackLeibler()) y u - kl y p)
        <= 16.0 * Ulp.eps * (2.0 + abs u) + Ulp.eps * (1.0 - y) / (1.0 - p)

    [<Property>]
    member _.``Self-bounding: (s(u) - y)^2 <= KL loss/2``(UnitLabel y, Score u) =
        selfBounding 0.5 (KullbackLeibler()) y u

    [<Property>]
    member _.``The KL loss of a logit |u| <= B is strongly convex with 1/(4 cosh^2(B/2))``(UnitLabel y, Score u) =
        let bound = abs u + 0.1
        let struct (_, d, h) = Loss.jet (KullbackLeibler()) y u
        let c = cosh (0.5 * bound)
        h >= 1.0 / (4.0 * c * c) && h <= 0.25 && abs d <= 1.0

    [<Test>]
    member _.``Golden: KL of 0.3 from 0.6``() =
        Assert.That(Ulp.between (kl 0.3 0.6) 0.1837868973868123, Is.LessThanOrEqualTo 4.0)

    [<Test>]
    member _.``Means outside [0,1] are refused by name``() =
        for result in
            [
                Divergence.binaryKl 1.5 0.5
                Divergence.binaryKl 0.5 0.0
                Divergence.triangular -0.1 0.5
                Divergence.hellinger2 0.5 nan
                Divergence.chiSquared 0.5 1.0
                Divergence.klLowerBound infinity 0.5
            ] do
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> Assert.That(argument, Is.AnyOf("a", "b"))
            | other -> Assert.Fail(string other)
