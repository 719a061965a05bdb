namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A generator of the library and three numbers of its domain; half of the time a and b are within a factor of two, often much closer.
[<NoComparison; NoEquality>]
type GeneratorCase =
    {
        Name: string
        Generator: IGenerator
        A: float
        B: float
        C: float
    }

    override c.ToString() =
        $"{c.Name}: a = {c.A:R}, b = {c.B:R}, c = {c.C:R}"

[<RequireQualifiedAccess>]
module DrawGenerator =
    let positive = Gen.map abs (Draw.magnitude -3.0 3.0)

    let inside (g: IGenerator) =
        if g.Interior.Low = 0.0 && g.Interior.High = 1.0 then
            Draw.probability
        elif g.Interior.Low = 0.0 then
            positive
        else
            Draw.score

    /// A number within a factor of two of b, often much closer, inside the domain.
    let near (g: IGenerator) (b: float) =
        gen {
            let! step = Draw.magnitude -9.0 -0.3
            let a = b * (1.0 + step)
            return if g.Interior.Contains a then a else b
        }

    let generators: (string * IGenerator) list =
        [
            "half square", HalfSquaredDistance()
            "Kullback-Leibler", GeneralizedKullbackLeibler()
            "Itakura-Saito", ItakuraSaito()
            "binary Kullback-Leibler", BinaryKullbackLeibler()
            for p in [ -1.0; 0.0; 0.3; 1.0; 1.5; 1.9; 2.0; 3.0 ] do
                $"power {p}", PowerDivergence p
            "Tsallis 0.7", TsallisDivergence 0.7
        ]

    let case =
        gen {
            let! name, g = Gen.elements generators
            let! b = inside g
            let! far = inside g
            let! close = near g b
            let! c = inside g
            let! a = Gen.elements [ far; close ]

            return
                {
                    Name = name
                    Generator = g
                    A = a
                    B = b
                    C = c
                }
        }

    /// Rows of vectors inside (0,1): every generator of the list accepts them.
    let vectors rows dimension =
        Gen.arrayOfLength rows (Gen.arrayOfLength dimension (Draw.uniform 0.01 0.99))

type BregmanArbitraries =
    static member GeneratorCase() = Arb.fromGen DrawGenerator.case

/// The laws as functions of the implementation, so that wrong ones can be put under them.
module BregmanLaw =
    let divergence (g: IGenerator) a b = g.Divergence(R64 a, R64 b).V
    let value (g: IGenerator) x = g.Value(R64 x).V
    let slope (g: IGenerator) x = g.Slope(R64 x).V
    let curvature (g: IGenerator) x = g.Curvature(R64 x).V

    let private rule = MathNet.Numerics.Integration.GaussLegendreRule(0.0, 1.0, 32)

    /// (a-b)^2 times the integral of (1-s) F''(b + s(a-b)): no cancellation, exact to rounding while a and b are within a factor of two.
    let asIntegral (curvature: float -> float) (a: float) (b: float) =
        let mutable sum = 0.0

        for i = 0 to rule.Order - 1 do
            let s = rule.GetAbscissa i
            sum <- sum + rule.GetWeight i * (1.0 - s) * curvature (b + s * (a - b))

        (a - b) * (a - b) * sum

    /// 64 ulp: 32 positive terms of a few roundings each, and what the curvature's argument loses.
    let integral extra (divergence: float -> float -> float) curvature a b =
        Ulp.between (divergence a b) (asIntegral curvature a b) <= 64.0 + extra

    /// Generators on (0,1) take 1 - x, which rounds at 1.
    let ofOne (g: IGenerator) =
        if g.Interior.High = 1.0 then 1.0 else 0.0

    /// The definition, to the rounding of its terms and of an extra one.
    let definition extra (divergence: float -> float -> float) value slope a b =
        let terms: float = extra + abs (value a) + abs (value b) + abs (slope b * (a - b)) + abs (slope b * b)
        abs (divergence a b - (value a - value b - slope b * (a - b))) <= 16.0 * Ulp.eps * terms

    let nonnegative (divergence: float -> float -> float) (a: float) (b: float) =
        divergence a a = 0.0 && divergence b b = 0.0 && (a = b || divergence a b > 0.0)

    let threePoint (divergence: float -> float -> float) slope (a: float) b c =
        let left = divergence a c
        let cross: float = (slope b - slope c) * (a - b)
        let terms = left + divergence a b + divergence b c + (abs (slope b) + abs (slope c)) * abs (a - b)
        abs (left - (divergence a b + divergence b c + cross)) <= 32.0 * Ulp.eps * terms

    /// mean D(y_i, m) = mean D(y_i, mean y) + D(mean y, m).
    let meanProperty (divergence: float -> float -> float) (slope: float -> float) (sample: float[]) (m: float) =
        let mean = Array.average sample
        let left = sample |> Array.averageBy (fun y -> divergence y m)
        let right = (sample |> Array.averageBy (fun y -> divergence y mean)) + divergence mean m
        // the mean's own rounding enters through the slopes at it and at m
        let rounding = 4.0 * Ulp.eps * abs mean * (abs (slope mean) + abs (slope m))
        abs (left - right) <= 1e-12 * (left + right) + rounding

    /// D_F(a, b) = D_F*(F'(b), F'(a)), the right side from the conjugate's formula.
    let duality (g: IGenerator) (divergence: float -> float -> float) a b =
        let s = slope g b
        let t = slope g a
        let f x = g.Conjugate(R64 x).V
        let x = g.InverseSlope(R64 t).V
        let right = f s - f t - x * (s - t)
        // the inverse slope errs by the slope's rounding over the curvature
        let terms =
            (abs (f s) + abs (f t) + abs (x * s) + abs (x * t)) * (1.0 + abs s + abs t)
            + abs (s - t) * (1.0 + abs t) / curvature g a

        abs (divergence a b - right) <= 64.0 * Ulp.eps * (terms + divergence a b)

    let convexInSecond (divergence: float -> float -> float) (a: float) b c =
        let middle = divergence a (0.5 * (b + c))
        let chord = 0.5 * (divergence a b + divergence a c)
        middle <= chord * (1.0 + 1e-12)

    let span (x: float[]) = ReadOnlySpan<float> x

    /// A case of each generator at each seed, for mutants.
    let sample count seed gen =
        Gen.sampleWithSeed (Rnd seed) 30 count gen

    let pairs count seed g =
        sample
            count
            seed
            (gen {
                let! b = DrawGenerator.inside g
                let! far = DrawGenerator.inside g
                let! close = DrawGenerator.near g b
                let! a = Gen.elements [ far; close ]
                return struct (a, b)
            })

open BregmanLaw

[<Category("bregman")>]
[<Laws(Arbitrary = [| typeof<BregmanArbitraries>; typeof<LossArbitraries> |], MaxTest = 500)>]
type BregmanLaws() =
    let refuses (action: unit -> obj) =
        let refused =
            try
                let result = action ()
                Assert.Fail $"accepted, with result {result}"
                false
            with :? HindsightException ->
                true

        Assert.That refused

    [<Property>]
    member _.``The generator draws close pairs and distant ones``(c: GeneratorCase) =
        let close = abs (c.A - c.B) <= 0.5 * abs c.B
        Prop.classify close "close" (Prop.classify (not close) "distant" (c.Generator.Domain.Contains c.A))

    [<Property>]
    member _.``Close to the diagonal a divergence is the integral of the curvature, to 64 ulp``(c: GeneratorCase) =
        (abs (c.A - c.B) > 0.5 * min (abs c.A) (abs c.B)
         || (c.Generator.Interior.High = 1.0 && abs (c.A - c.B) > 0.5 * min (1.0 - c.A) (1.0 - c.B)))
        || integral
            // the points between a and b round relative to 1, the curvature asks for 1 - x
            (ofOne c.Generator / (1.0 - max c.A c.B))
            (divergence c.Generator)
            (curvature c.Generator)
            c.A
            c.B

    [<Property>]
    member _.``D(a, b) = F(a) - F(b) - F'(b)(a - b)``(c: GeneratorCase) =
        definition (ofOne c.Generator) (divergence c.Generator) (value c.Generator) (slope c.Generator) c.A c.B

    [<Property>]
    member _.``D is nonnegative, and 0 exactly on the diagonal``(c: GeneratorCase) =
        nonnegative (divergence c.Generator) c.A c.B

    [<Property>]
    member _.``The gradient in b is -F''(b)(a - b), the gradient in a is F'(a) - F'(b), the curvature in a is F''(a)``
        (c: GeneratorCase)
        =
        let g = c.Generator
        let inB = g.Divergence(Dual(R64 c.A, R64 0.0), Dual(R64 c.B, R64 1.0)).D.V
        let expected = curvature g c.B * (c.B - c.A)

        let inA = g.Divergence(Jet2(R64 c.A, R64 1.0, R64 0.0), Jet2(R64 c.B, R64 0.0, R64 0.0))

        let slopes = slope g c.A - slope g c.B
        let scale = abs (slope g c.A) + abs (slope g c.B) + 1.0

        let far = abs (c.A - c.B) > 0.5 * abs c.B && (c.Name.StartsWith "power" || c.Name.StartsWith "Tsallis")

        let bad =
            [
                Ulp.between inB expected <= 32.0, $"in b: {inB:R}, {expected:R}"
                // in a, far from b, a power divergence sums terms that cancel
                far || abs (inA.D.V - slopes) <= 64.0 * Ulp.eps * scale, $"in a: {inA.D.V:R}, {slopes:R}"
                far || Ulp.between inA.H.V (curvature g c.A) <= 512.0, $"curvature: {inA.H.V:R}, {curvature g c.A:R}"
            ]
            |> List.filter (fst >> not)
            |> List.map snd

        List.isEmpty bad |> Prop.label (String.concat "; " bad)

    [<Property>]
    member _.``Three points: D(a, c) = D(a, b) + D(b, c) + (F'(b) - F'(c))(a - b)``(c: GeneratorCase) =
        threePoint (divergence c.Generator) (slope c.Generator) c.A c.B c.C

    [<Property>]
    member _.``Duality: D_F(a, b) is the conjugate's divergence from F'(b) to F'(a)``(c: GeneratorCase) =
        duality c.Generator (divergence c.Generator) c.A c.B

    [<Property>]
    member _.``Fenchel and Young: F(x) + F*(F'(x)) = x F'(x), and the inverse slope inverts the slope``
        (c: GeneratorCase)
        =
        let g = c.Generator
        let s = slope g c.A
        let conjugate = g.Conjugate(R64 s).V
        let back = g.InverseSlope(R64 s).V
        let terms = ofOne g + abs (value g c.A) + abs conjugate + abs (c.A * s)
        // an error of one rounding in the slope moves the inverse by its slope 1/F''
        abs (value g c.A + conjugate - c.A * s) <= 64.0 * Ulp.eps * (1.0 + abs s) * terms
        && abs (back - c.A) <= 64.0 * Ulp.eps * (abs c.A * (1.0 + abs s) + (1.0 + abs s) / curvature g c.A)

    [<Property>]
    member _.``Mean property: mean D(y, m) = mean D(y, mean y) + D(mean y, m), so the mean is the minimiser``
        (c: GeneratorCase)
        =
        meanProperty (divergence c.Generator) (slope c.Generator) [| c.A; c.B; c.C; c.A |] c.B

    [<Property>]
    member _.``Powers 0, 1 and 2 are half square, Kullback-Leibler and Itakura-Saito; Tsallis q is power 2 - q: affine terms of F drop``
        (c: GeneratorCase)
        =
        let a, b = abs c.A + 1e-3, abs c.B + 1e-3

        let same (f: IGenerator) (g: IGenerator) =
            Ulp.between (divergence f a b) (divergence g a b) <= 24.0

        same (PowerDivergence 0.0) (HalfSquaredDistance())
        && same (PowerDivergence 1.0) (GeneralizedKullbackLeibler())
        && same (PowerDivergence 2.0) (ItakuraSaito())
        && same (TsallisDivergence 0.25) (PowerDivergence 1.75)

    [<Property>]
    member _.``A power divergence is homogeneous of degree 2 - p; Itakura-Saito is invariant to scale``
        (c: GeneratorCase)
        =
        let a, b = abs c.A + 1e-3, abs c.B + 1e-3

        [ 0.0; 0.5; 1.0; 1.5; 2.0; 3.0 ]
        |> List.forall (fun p ->
            let g = PowerDivergence p :> IGenerator
            // scaling by a power of two is exact
            Ulp.between (divergence g (4.0 * a) (4.0 * b)) (4.0 ** (2.0 - p) * divergence g a b) <= 32.0)

    [<Property>]
    member _.``Convex in the second argument: half square, Kullback-Leibler, binary Kullback-Leibler, powers in [0,1]``
        (c: GeneratorCase)
        =
        let convex = (c.Generator :?> ILoss).Metadata.Convex

        Prop.classify convex "convex" (not convex || convexInSecond (divergence c.Generator) c.A c.B c.C)

    [<Test>]
    member _.``Negative: Itakura-Saito is not convex in its second argument``() =
        let d = divergence (ItakuraSaito())
        Assert.That(d 1.0 4.0, Is.GreaterThan(0.5 * (d 1.0 3.0 + d 1.0 5.0)))
        let drawn = pairs 200 11UL (ItakuraSaito())
        Assert.That(drawn |> Array.exists (fun struct (a, b) -> not (convexInSecond d a b (3.0 * b))))

    [<Property>]
    member _.``A strongly convex generator: D >= (mu/2)(a - b)^2 with mu the least curvature between a and b``
        (c: GeneratorCase)
        =
        // each curvature of the list is monotone or least at 1/2
        let least =
            if c.Name = "binary Kullback-Leibler" && (c.A - 0.5) * (c.B - 0.5) <= 0.0 then
                4.0
            else
                min (curvature c.Generator c.A) (curvature c.Generator c.B)

        divergence c.Generator c.A c.B >= 0.5 * least * (c.A - c.B) * (c.A - c.B) * (1.0 - 1e-13)

    [<Property>]
    member _.``Pythagorean inequality for a projection onto a box``(c: GeneratorCase) =
        // the divergence from a point to the box is least at the nearest end, for every separable generator
        let low, high = min c.A c.C, max c.A c.C
        let projected = Math.Clamp(c.B, low, high)
        let d = divergence c.Generator

        [ c.A; c.C; 0.5 * (c.A + c.C) ]
        |> List.forall (fun x -> d x c.B * (1.0 + 1e-12) >= d x projected + d projected c.B)

    [<Property>]
    member _.``Projection of a positive vector onto the simplex by Kullback-Leibler is normalisation, with equality in Pythagoras``
        (Simplex x)
        =
        let d = Bregman.KullbackLeibler
        let b = x |> Array.mapi (fun i _ -> 0.1 + float i)
        let total = Array.sum b
        let projected = b |> Array.map (fun v -> v / total)
        let left = d.Divergence(span x, span b)
        let right = d.Divergence(span x, span projected) + d.Divergence(span projected, span b)
        abs (left - right) <= 1e-13 * (1.0 + left)

    [<Property>]
    member _.``Labels at the ends have a finite value and finite derivatives``(Probability b) =
        DrawGenerator.generators
        |> List.forall (fun (_, g) ->
            not (g.Domain.Contains 0.0)
            || (let struct (v, d, h) = Loss.jet (g :?> ILoss) 0.0 b
                Double.IsFinite v && Double.IsFinite d && Double.IsFinite h))

    [<Test>]
    member _.``Deviances of spec 32 are twice the power divergences of 2 from 3``() =
        for p, expected in
            [
                1.0, 0.3781395675673425
                1.5, 0.2332968848077549
                1.9, 0.1587912376995805
                2.0, 0.1442635495496621
                3.0, 0.05555555555555556
            ] do
            let found = 2.0 * divergence (PowerDivergence p) 2.0 3.0
            Assert.That(found, Is.EqualTo(expected).Within(1e-15), $"power {p}")

    // vectors

    [<Property(MaxTest = 100)>]
    member _.``Vectors: information is mean F - F(mean), no other centre does better, and the mean property holds``
        (seed: PositiveInt)
        =
        let rows = sample 1 (uint64 seed.Get) (DrawGenerator.vectors 5 3) |> Array.head
        let flat = Array.concat rows
        let mean = Array.init 3 (fun j -> rows |> Array.averageBy (fun r -> r[j]))

        let spd = array2D [ [ 2.0; 0.5; 0.0 ]; [ 0.5; 1.0; 0.25 ]; [ 0.0; 0.25; 3.0 ] ]

        [
            Bregman.SquaredEuclidean
            Bregman.KullbackLeibler
            Bregman.ItakuraSaito
            Bregman.BinaryKullbackLeibler
            Bregman.Tsallis 0.5
            Bregman.Power 1.5
            Bregman.LogSumExp
            Bregman.Mahalanobis spd
            Bregman.KullbackLeibler.Plus(Bregman.SquaredEuclidean, 0.7)
        ]
        |> List.forall (fun d ->
            let information = d.Information(span flat, 3)
            let gap = (rows |> Array.averageBy (fun r -> d.Value(span r))) - d.Value(span mean)
            let other = rows[0]
            let left = rows |> Array.averageBy (fun r -> d.Divergence(span r, span other))
            let right = information + d.Divergence(span mean, span other)

            abs (information - gap) <= 1e-13 * (1.0 + abs (d.Value(span mean)))
            && left >= information
            && abs (left - right) <= 1e-12 * (1.0 + left))

    [<Property(MaxTest = 60)>]
    member _.``Vectors: gradients are those of the definition, the dual swaps the arguments, sums are linear``
        (seed: PositiveInt)
        =
        let rows = sample 1 (uint64 seed.Get) (DrawGenerator.vectors 2 3) |> Array.head
        let a, b = rows[0], rows[1]
        let spd = array2D [ [ 2.0; 0.5; 0.0 ]; [ 0.5; 1.0; 0.25 ]; [ 0.0; 0.25; 3.0 ] ]

        [
            Bregman.KullbackLeibler, true
            Bregman.ItakuraSaito, true
            Bregman.BinaryKullbackLeibler, true
            Bregman.Power 1.5, true
            Bregman.LogSumExp, true
            Bregman.Mahalanobis spd, true
            Bregman.KullbackLeibler.Plus(Bregman.ItakuraSaito, 0.3), false
        ]
        |> List.forall (fun (d, hasDual) ->
            let first = Array.zeroCreate 3
            let second = Array.zeroCreate 3
            d.GradientFirst(span a, span b, Span<float> first)
            d.GradientSecond(span a, span b, Span<float> second)

            let difference inFirst j =
                let h = 1e-6

                let moved (x: float[]) by =
                    x |> Array.mapi (fun i v -> if i = j then v + by else v)

                if inFirst then
                    (d.Divergence(span (moved a h), span b) - d.Divergence(span (moved a -h), span b)) / (2.0 * h)
                else
                    (d.Divergence(span a, span (moved b h)) - d.Divergence(span a, span (moved b -h))) / (2.0 * h)

            // h^2 times a third derivative of at most 2/0.01^3, and rounding over h
            let close (x: float) y =
                abs (x - y) <= 1e-5 * (1.0 + abs x + abs y)

            let gradients =
                [ 0..2 ]
                |> List.forall (fun j -> close first[j] (difference true j) && close second[j] (difference false j))

            let dual =
                not hasDual
                || (let atA = Array.zeroCreate 3
                    let atB = Array.zeroCreate 3
                    d.Slope(span a, Span<float> atA)
                    d.Slope(span b, Span<float> atB)
                    let value = d.Divergence(span a, span b)
                    abs (value - d.Dual().Divergence(span atB, span atA)) <= 1e-12 * (1.0 + value))

            gradients && dual)
        && (let sum = Bregman.KullbackLeibler.Plus(Bregman.ItakuraSaito, 0.3).Divergence(span a, span b)

            let parts =
                Bregman.KullbackLeibler.Divergence(span a, span b)
                + 0.3 * Bregman.ItakuraSaito.Divergence(span a, span b)

            Ulp.between sum parts <= 4.0)

    [<Property>]
    member _.``Log-sum-exp generates KL(softmax b || softmax a), to the last digits also where a is close to b``
        (seed: PositiveInt)
        (far: bool)
        =
        let z = sample 2 (uint64 seed.Get) (Draw.scores 4)
        let b = z[0]

        let a =
            if far then
                z[1]
            else
                Array.map2 (fun x y -> x + 1e-7 * y) b z[1]

        let d = Bregman.LogSumExp
        let p = Array.zeroCreate 4
        let q = Array.zeroCreate 4
        let mirror (x: float[]) (result: float[]) = d.Slope(span x, Span<float> result)
        mirror b p
        mirror a q
        let found = d.Divergence(span a, span b)
        let shifted = d.Divergence(span (a |> Array.map (fun x -> x + 3.0)), span b)

        // where a is close to b: half the variance of a - b under softmax b, with relative error |a - b|
        let e = Array.map2 (-) a b
        let mean = Array.map2 (*) p e |> Array.sum
        let variance = Array.map2 (fun w x -> w * (x - mean) * (x - mean)) p e |> Array.sum

        let reference =
            if far then
                Bregman.KullbackLeibler.Divergence(
                    span (p |> Array.map (fun x -> max x 1e-300)),
                    span (q |> Array.map (fun x -> max x 1e-300))
                )
            else
                0.5 * variance

        let tolerance =
            if far then
                1e-12 * (1.0 + reference)
            else
                (4.0 * Array.max (Array.map abs e) + 1e-7) * reference

        abs (found - reference) <= tolerance
        && abs (found - shifted) <= (if far then 1e-12 * (1.0 + found) else 1e-6 * found + 1e-22)

    [<Test>]
    member _.``The identity matrix gives half the squared distance, and the dual has the inverse matrix``() =
        let identity = Array2D.init 3 3 (fun i j -> if i = j then 1.0 else 0.0)
        let a, b = [| 1.0; -2.0; 0.5 |], [| 0.0; 1.0; 2.0 |]

        let euclid = Bregman.SquaredEuclidean.Divergence(span a, span b)
        Assert.That(Bregman.Mahalanobis(identity).Divergence(span a, span b), Is.EqualTo euclid)

        Assert.That(
            Bregman.Mahalanobis(array2D [ [ 4.0 ] ]).Dual().Divergence(span [| 2.0 |], span [| 0.0 |]),
            Is.EqualTo 0.5
        )

    [<Test>]
    member _.``What is not allowed is refused``() =
        refuses (fun () -> Bregman.KullbackLeibler.Divergence(span [| 1.0 |], span [| 0.0 |]) |> box)
        refuses (fun () -> Bregman.KullbackLeibler.Divergence(span [| -1.0 |], span [| 1.0 |]) |> box)
        refuses (fun () -> Bregman.KullbackLeibler.Divergence(span [| 1.0; 2.0 |], span [| 1.0 |]) |> box)
        refuses (fun () -> Bregman.ItakuraSaito.Divergence(span [| 0.0 |], span [| 1.0 |]) |> box)
        refuses (fun () -> Bregman.BinaryKullbackLeibler.Divergence(span [| 1.5 |], span [| 0.5 |]) |> box)
        refuses (fun () -> Bregman.LogSumExp.Value(span [| nan |]) |> box)
        refuses (fun () -> Bregman.SquaredEuclidean.Information(span [| 1.0; 2.0; 3.0 |], 2) |> box)
        refuses (fun () -> Bregman.SquaredEuclidean.Information(span [||], 1) |> box)
        refuses (fun () -> box (Bregman.Mahalanobis(array2D [ [ 1.0; 2.0 ]; [ 2.0; 1.0 ] ])))
        refuses (fun () -> box (Bregman.Mahalanobis(array2D [ [ 1.0; 0.5 ]; [ 0.4; 1.0 ] ])))
        refuses (fun () -> box (Bregman.KullbackLeibler.Plus(Bregman.ItakuraSaito, -1.0)))
        refuses (fun () -> box (Bregman.KullbackLeibler.Plus(Bregman.ItakuraSaito, 1.0).Dual()))
        refuses (fun () -> box (PowerDivergence nan))
        refuses (fun () -> box (TsallisDivergence infinity))
