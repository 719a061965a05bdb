namespace Hindsight.FSharp

open System
open Hindsight

module private RelaxationFormulas =
    open Hindsight.FSharp.Ops

    let bestOmega<'T when 'T :> IReal<'T> and 'T: struct> (beta: 'T) : 'T =
        let one = 'T.Const 1.0
        'T.Const 2.0 / (one + 'T.Sqrt(one - 'T.Sqr beta))

    let radius<'T when 'T :> IReal<'T> and 'T: struct> (omega: 'T) (beta: 'T) : 'T =
        let after = omega - 'T.Const 1.0
        let product = omega * beta
        // where it is negative the other branch is taken; clamped, so that no square root of it is
        let discriminant = 'T.Max('T.Sqr product - 'T.Const 4.0 * after, 'T.Const 1e-300)
        let before = 'T.Const 0.25 * 'T.Sqr(product + 'T.Sqrt discriminant)
        'T.Select(omega - bestOmega beta, after, before)

    /// tau + (1 - tau) x.
    let near<'T when 'T :> IReal<'T> and 'T: struct> (tau: 'T) (x: 'T) : 'T = tau + ('T.Const 1.0 - tau) * x

    let iterations<'T when 'T :> IReal<'T> and 'T: struct> (rate: 'T) (epsilon: 'T) : 'T =
        'T.Const 1.0 + 'T.Log epsilon / 'T.Log rate

    let alpha<'T when 'T :> IReal<'T> and 'T: struct> (omegaMax: 'T) (beta: 'T) (tau: 'T) : 'T =
        near tau ('T.Max('T.Sqr beta, omegaMax - 'T.Const 1.0))

    let slope<'T when 'T :> IReal<'T> and 'T: struct> (alpha: 'T) (tau: 'T) (epsilon: 'T) : 'T =
        -(('T.Const 1.0 - tau) * 'T.Log epsilon) / (alpha * 'T.Sqr('T.Log alpha))

    let tau<'T when 'T :> IReal<'T> and 'T: struct> (norm: 'T) (k: 'T) (radius: 'T) : 'T =
        ('T.Exp('T.Log norm / k) - radius) / ('T.Const 1.0 - radius)

    let meanSteepness<'T when 'T :> IReal<'T> and 'T: struct> (alphas: 'T[]) : 'T =
        (alphas |> Array.map (fun a -> 'T.Const 1.0 / 'T.Sqr('T.Log a)) |> Array.reduce (fun a b -> a + b))
        / 'T.Const(float alphas.Length)

    let regret<'T when 'T :> IReal<'T> and 'T: struct>
        (horizon: 'T)
        (grid: 'T)
        (ceiling: 'T)
        (eta: 'T)
        (epsilon: 'T)
        (alphas: 'T[])
        : 'T[] =
        let root = 'T.Sqrt grid

        let learning =
            ceiling * ('T.Const 4.0 * (root - 'T.Const 1.0) / eta + 'T.Const 0.5 * eta * root * horizon)

        let spacing = -(horizon * 'T.Log epsilon) * meanSteepness alphas / grid
        [| learning + spacing; learning; spacing |]

    let tuned<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (epsilon: 'T) (alphas: 'T[]) : 'T[] =
        let steepness = meanSteepness alphas
        let largest = alphas |> Array.reduce (fun a b -> 'T.Max(a, b))
        let a = -('T.Log largest)
        let d = 'T.Pow('T.Const 0.5 * horizon * 'T.Sqr(steepness * a), 0.3333333333333333)
        let grid = 'T.Max(d + 'T.Const 1.0, 'T.Const 2.0)

        let value =
            -('T.Log epsilon)
            * ('T.Const 2.0 / a * 'T.Sqrt('T.Const 2.0 * grid * horizon) + horizon * steepness / d)

        [| value; d |]

    let shiftSlope<'T when 'T :> IReal<'T> and 'T: struct> (beta: 'T) (diagonal: 'T) : 'T =
        let one = 'T.Const 1.0

        (one + beta) / (beta * 'T.Sqrt(one - 'T.Sqr beta)) * 'T.Sqr((diagonal + one) / diagonal)

    let shiftRegret<'T when 'T :> IReal<'T> and 'T: struct>
        (horizon: 'T)
        (length: 'T)
        (slope: 'T)
        (epsilon: 'T)
        (alpha: 'T)
        : 'T =
        let product = length * slope

        'T.Pow('T.Const 54.0 * 'T.Pow(product, 3.0) * horizon / 'T.Sqr('T.Log alpha), 0.25)
        + 'T.Const 4.0
          * ('T.Log epsilon / 'T.Log alpha)
          * 'T.Pow('T.Const 24.0 * product * 'T.Pow(horizon, 3.0), 0.25)

    let interpolation<'T when 'T :> IReal<'T> and 'T: struct> (degree: 'T) (length: 'T) (lipschitz: 'T) : 'T =
        let nodes = degree + 'T.Const 1.0
        'T.Const 0.5 * length * lipschitz * ('T.Const Math.PI + 'T.Log nodes) / nodes

    let energyNorm<'T when 'T :> IReal<'T> and 'T: struct> (omega: 'T) (gap: 'T) (triangle: 'T) : 'T =
        let o = 'T.Const 1.0 / omega - 'T.Const 0.5
        let denominator = 'T.Sqr o + gap / omega + triangle - 'T.Const 0.25
        'T.Sqrt('T.Const 1.0 - 'T.Const 2.0 * o * gap / denominator)

    let preconditioned<'T when 'T :> IReal<'T> and 'T: struct> (omega: 'T) (diagonal: 'T) (triangle: 'T) : 'T =
        let rest = 'T.Const 2.0 - omega

        ('T.Const 1.0 + 'T.Const 0.25 * 'T.Sqr rest * diagonal / omega + omega * triangle) / rest

    let conjugate<'T when 'T :> IReal<'T> and 'T: struct> (c: 'T) (condition: 'T) (epsilon: 'T) : 'T =
        let one = 'T.Const 1.0
        let q = 'T.Sqrt condition / epsilon
        let root = 'T.Sqrt c

        one + 'T.Log(q + 'T.Sqrt('T.Sqr q - one)) / 'T.Log((root + one) / (root - one))

[<RequireQualifiedAccess>]
module RelaxationBounds =
    let private family = "relaxation"
    let private source = "Learning to relax (arXiv 2310.02246)"
    let private input = BoundCalculator.input
    let private open01 = BoundCalculator.between 0.0 1.0
    let private omega = input "omega" "omega" "relaxation parameter" (BoundCalculator.between 0.0 2.0) 1.5

    let private halfOpen low high =
        { Domain.Reals with
            Low = low
            LowClosed = true
            High = high
        }

    let private beta = input "beta" "beta" "Jacobi's spectral radius" (halfOpen 0.0 1.0) 0.9

    let private omegaMax =
        input "omegaMax" "omega_max" "largest relaxation parameter" (halfOpen 1.0 2.0) 1.9

    let private tauInput = input "tau" "tau" "distance from the asymptotic rate" open01 0.2
    let private epsilon = input "epsilon" "epsilon" "relative residual at which a run stops" open01 1e-8
    let private horizon = input "horizon" "T" "systems" (BoundCalculator.atLeast 1.0) 5000.0

    let private alphas =
        input "alphas" "alpha" "alpha of the systems: tau + (1 - tau) max(beta^2, omega_max - 1)" open01 0.9
        |> BoundCalculator.list [| 0.9; 0.95 |]

    let private ordered =
        BoundCalculator.assumed "the matrix is symmetric positive definite and consistently ordered"

    let private near =
        BoundCalculator.assumed
            "at the last step k before the end, |C^k| <= (rho + tau (1 - rho))^k: the run ends near its asymptotic rate"

    let private zero =
        BoundCalculator.byConstruction "runs start at 0" "the first residual is the right-hand side"

    let radiusCalculator =
        {
            Name = "sor-radius"
            Family = family
            Title = "Spectral radius of successive over-relaxation"
            Statement =
                "For a consistently ordered positive definite matrix with Jacobi radius beta, the spectral radius of SOR is (omega beta + sqrt(omega^2 beta^2 - 4 (omega - 1)))^2/4 below the best omega and omega - 1 from there on."
            Source = "Young (1954)"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Equal
            Inputs = [| omega; beta |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.radius x["omega"] x["beta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| ordered |]
            Trivial = BoundCalculator.noTrivial
            Law = "Young's formula is the spectral radius of SOR"
        }

    let bestOmegaCalculator =
        { radiusCalculator with
            Name = "sor-best-omega"
            Title = "Best relaxation parameter"
            Statement = "The spectral radius of SOR is least at omega = 2/(1 + sqrt(1 - beta^2))."
            Inputs = [| beta |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.bestOmega x["beta"] |]
                }
            Law = "The best omega minimises the spectral radius of SOR"
        }

    let iterationsCalculator =
        { radiusCalculator with
            Name = "sor-iterations"
            Title = "Iterations of successive over-relaxation"
            Statement =
                "SOR started at 0 needs at most U = 1 + ln(1/epsilon)/(-ln(rho + tau (1 - rho))) iterations until the residual is below epsilon times the first, rho its spectral radius, if at the last step before, |C^k| <= (rho + tau (1 - rho))^k."
            Source = $"{source}, Lemma 2.1"
            Direction = BoundDirection.Upper
            Inputs = [| BoundCalculator.free omega; beta; tauInput; epsilon |]
            Intermediate =
                [|
                    {
                        Symbol = "rho"
                        Meaning = "spectral radius"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let rho = RelaxationFormulas.radius x["omega"] x["beta"]
                        let rate = RelaxationFormulas.near x["tau"] rho
                        [| RelaxationFormulas.iterations rate x["epsilon"]; rho |]
                }
            Assumptions = fun _ -> [| ordered; near; zero |]
            Law = "Lemma 2.1 of Learning to relax: SOR ends within its surrogate"
        }

    let private alphaTerm: BoundTerm =
        {
            Symbol = "alpha"
            Meaning = "tau + (1 - tau) max(beta^2, omega_max - 1)"
        }

    let ceilingCalculator =
        { iterationsCalculator with
            Name = "sor-iterations-ceiling"
            Title = "Most iterations of successive over-relaxation on an interval"
            Statement =
                "For omega in [1, omega_max] the surrogate U(omega) is at most 1 + ln epsilon/ln alpha, alpha = tau + (1 - tau) max(beta^2, omega_max - 1)."
            Inputs = [| omegaMax; beta; tauInput; epsilon |]
            Intermediate = [| alphaTerm |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let alpha = RelaxationFormulas.alpha x["omega_max"] x["beta"] x["tau"]
                        [| RelaxationFormulas.iterations alpha x["epsilon"]; alpha |]
                }
            Law = "Lemma 2.1 of Learning to relax: the surrogate stays below its ceiling on the interval"
        }

    let slopeCalculator =
        { ceilingCalculator with
            Name = "sor-slope"
            Title = "Slope of the surrogate beyond the best omega"
            Statement =
                "On [best omega, omega_max] the surrogate U grows by at most (1 - tau) ln(1/epsilon)/(alpha ln^2 alpha) per unit of omega."
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let alpha = RelaxationFormulas.alpha x["omega_max"] x["beta"] x["tau"]
                        [| RelaxationFormulas.slope alpha x["tau"] x["epsilon"]; alpha |]
                }
            Assumptions =
                fun x ->
                    [|
                        ordered
                        BoundCalculator.required
                            (x["tau"] >= exp -2.0 || x["beta"] * x["beta"] >= 4.0 * exp -2.0 * (1.0 - exp -2.0))
                            "tau >= e^-2 or beta^2 >= (4/e^2)(1 - e^-2)"
                            "neither holds: the slope may be steepest inside the interval"
                    |]
            Law = "Lemma 2.1 of Learning to relax: the Lipschitz constant dominates the slope of the surrogate"
        }

    let tauCalculator =
        { radiusCalculator with
            Name = "sor-tau"
            Title = "Distance of a run from its asymptotic rate"
            Statement = "tau = (|C^k|^(1/k) - rho)/(1 - rho) makes |C^k| = (rho + tau (1 - rho))^k."
            Source = $"{source}, the definition of tau solved for it"
            Inputs =
                [|
                    input "norm" "N" "spectral norm of C^k" Domain.Positive 0.5
                    BoundCalculator.count "k" "k" "steps" 1.0 20.0
                    input "radius" "rho" "spectral radius" (halfOpen 0.0 1.0) 0.9
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.tau x["N"] x["k"] x["rho"] |]
                }
            Check =
                fun x ->
                    let least = x["rho"] ** x["k"]

                    if x["N"] >= least * (1.0 - 1e-9) then
                        Ok()
                    else
                        Require.inside "norm" (BoundCalculator.atLeast least) x["N"] |> Result.map ignore<float>
            Assumptions = fun _ -> [||]
            Law = "Tau measured on a run gives the run's own rate back"
        }

    let private gridInput =
        BoundCalculator.count "gridSize" "d" "values of omega" 2.0 20.0 |> BoundCalculator.free

    let regretCalculator =
        { iterationsCalculator with
            Name = "relaxation-regret"
            Title = "Regret of tuning omega by a bandit"
            Statement =
                "Tsallis-INF over the grid 1 + (omega_max - 1) i/d needs, over T systems, in expectation at most K (4 (sqrt d - 1)/eta + eta sqrt d T/2) + (T/d) ln(1/epsilon) mean(1/ln^2 alpha) iterations more than min over omega of the summed surrogates."
            Source =
                $"{source}, Theorem 2.1; its first term derived here, since the step as transcribed for us does not give the constant (the paper itself was not read)"
            Kind = BoundKind.Expectation
            Inputs =
                [|
                    horizon
                    gridInput
                    input
                        "ceiling"
                        "K"
                        "most iterations less one: at least ln epsilon/ln(largest alpha)"
                        Domain.Positive
                        400.0
                    input "eta" "eta" "step" Domain.Positive 0.04 |> BoundCalculator.free
                    epsilon
                    alphas
                |]
            Intermediate =
                [|
                    {
                        Symbol = "B"
                        Meaning = "what the bandit pays"
                    }
                    {
                        Symbol = "S"
                        Meaning = "what the grid's spacing costs"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        RelaxationFormulas.regret x["T"] x["d"] x["K"] x["eta"] x["epsilon"] (x.List "alpha")
                }
            Assumptions =
                fun x ->
                    let least = log x["epsilon"] / log (Array.max (x.Numbers "alpha"))

                    [|
                        ordered
                        near
                        zero
                        BoundCalculator.assumed "tau >= e^-2 or beta^2 >= (4/e^2)(1 - e^-2), for every system"
                        BoundCalculator.assumed "omega_max is at least every system's best omega"
                        BoundCalculator.assumed "systems do not answer to the draws"
                        BoundCalculator.required
                            (x["K"] >= least * (1.0 - 1e-12))
                            "K is at least ln epsilon/ln(largest alpha)"
                            $"it needs {least}"
                    |]
            Trivial = fun x -> x["K"] * x["T"]
            Law =
                "Theorem 2.1 of Learning to relax: the bandit's iterations exceed the best omega's by its regret at most"
        }

    let tunedRegretCalculator =
        { regretCalculator with
            Name = "relaxation-tuned"
            Title = "Regret of tuning omega at the best grid"
            Statement =
                "At d = (T g^2 a^2/2)^(1/3) grid points, rounded up, and eta = sqrt(8/T), the bandit needs in expectation at most ln(1/epsilon) ((2/a) sqrt(2 max(d + 1, 2) T) + T g/d) iterations more than the best omega, g = mean(1/ln^2 alpha), a = ln(1/largest alpha)."
            Source =
                $"{source}, Theorem 2.1, which has 3 ln(1/epsilon) (2 g T^2/a^2)^(1/3); rounding of the grid's size derived here"
            Inputs = [| horizon; epsilon; alphas |]
            Intermediate =
                [|
                    {
                        Symbol = "d"
                        Meaning = "grid points, before rounding up"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        RelaxationFormulas.tuned x["T"] x["epsilon"] (x.List "alpha")
                }
            Assumptions =
                fun _ ->
                    [|
                        ordered
                        near
                        zero
                        BoundCalculator.assumed "tau >= e^-2 or beta^2 >= (4/e^2)(1 - e^-2), for every system"
                        BoundCalculator.assumed "omega_max is at least every system's best omega"
                        BoundCalculator.assumed "systems do not answer to the draws"
                        BoundCalculator.byConstruction "K = ln epsilon/ln(largest alpha)" ""
                    |]
            Trivial = fun x -> x["T"] * log x["epsilon"] / log (Array.max (x.Numbers "alpha"))
            Law = "Theorem 2.1 of Learning to relax: the tuned bound covers the regret bound at its own grid"
        }

    let private shiftAssumptions (_: BoundInputs<float>) =
        [|
            ordered
            BoundCalculator.assumed "systems are A + c I, and c is seen before omega is chosen"
        |]

    let shiftSlopeCalculator =
        { radiusCalculator with
            Name = "omega-shift-slope"
            Title = "Slope of the best omega in a shift of the diagonal"
            Statement =
                "The best omega of A + c I moves by at most L = ((1 + beta)/(beta sqrt(1 - beta^2))) ((m + 1)/m)^2 per unit of c, beta the largest Jacobi radius, m the least diagonal entry plus the least shift."
            Source = $"{source}, the constant of Theorem 2.2"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    input "beta" "beta" "largest Jacobi radius over the shifts" open01 0.9
                    input "diagonal" "m" "least diagonal entry plus the least shift" Domain.Positive 4.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.shiftSlope x["beta"] x["m"] |]
                }
            Assumptions = shiftAssumptions
            Law = "Theorem 2.2 of Learning to relax: the best omega moves with the shift no faster than its constant"
        }

    let shiftRegretCalculator =
        { tunedRegretCalculator with
            Name = "relaxation-shifts"
            Title = "Regret of tuning omega to a shift of the diagonal"
            Statement =
                "With shifts from an interval of length C in bins and a bandit in each, T systems need in expectation at most (54 C^3 L^3 T/ln^2 alpha)^(1/4) + (4 ln(1/epsilon)/ln(1/alpha)) (24 C L T^3)^(1/4) iterations more than the best omega of each shift."
            Source = $"{source}, Theorem 2.2, constants as published"
            Inputs =
                [|
                    horizon
                    input "length" "C" "length of the interval of shifts" Domain.Positive 1.0
                    input "slope" "L" "slope of the best omega in the shift" Domain.Positive 10.0
                    epsilon
                    input "alpha" "alpha" "largest alpha" open01 0.95
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            RelaxationFormulas.shiftRegret x["T"] x["C"] x["L"] x["epsilon"] x["alpha"]
                        |]
                }
            Assumptions = fun x -> Array.append (shiftAssumptions x) [| near; zero |]
            Trivial = fun x -> x["T"] * log x["epsilon"] / log x["alpha"]
            Law = "Theorem 2.2 of Learning to relax: runs of a bandit in each bin of shifts stay within its regret"
        }

    let interpolationCalculator =
        { radiusCalculator with
            Name = "chebyshev-interpolation"
            Title = "Error of Chebyshev interpolation of a Lipschitz function"
            Statement =
                "The degree-m polynomial through the values at the Chebyshev nodes of an interval of length C misses a function with Lipschitz constant L by at most C L (pi + ln(m + 1))/(2 (m + 1))."
            Source =
                "derived here from Jackson's theorem and the Lebesgue constant of the nodes, at most (2/pi) ln(m + 1) + 1"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    BoundCalculator.count "degree" "m" "degree" 1.0 8.0
                    input "length" "C" "length of the interval" Domain.Positive 1.0
                    input "lipschitz" "L" "Lipschitz constant" Domain.Positive 1.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.interpolation x["m"] x["C"] x["L"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the function has the Lipschitz constant on the interval"
                    |]
            Law = "Chebyshev interpolants of Lipschitz functions are as near as Jackson and Lebesgue say"
        }

    let energyNormCalculator =
        { radiusCalculator with
            Name = "sor-energy"
            Title = "Contraction of successive over-relaxation in the energy norm"
            Statement =
                "A step of SOR contracts the error in the norm of A by sqrt(1 - 2 O g/(O^2 + g/omega + r - 1/4)) or better, O = 1/omega - 1/2, g = 1 - rho(D^-1 (L + L')), r = rho(D^-1 L D^-1 L')."
            Source = "after Hackbusch, Iterative solution of large sparse systems of equations (2016); derived here"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    BoundCalculator.free omega
                    input "gap" "g" "1 - rho(D^-1 (L + L'))" { Domain.Unit with LowClosed = false } 0.1
                    input
                        "triangle"
                        "r"
                        "rho(D^-1 L D^-1 L'), with (1/omega - 1/2)^2 + r >= 1/4"
                        Domain.NonNegative
                        0.25
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RelaxationFormulas.energyNorm x["omega"] x["g"] x["r"] |]
                }
            Check =
                fun x ->
                    let o = 1.0 / x["omega"] - 0.5
                    // the second makes the square root's argument nonnegative; every matrix satisfies it
                    let least = max (0.25 - o * o) (0.25 - o * o + x["g"] * (o - 0.5))

                    if x["r"] >= least - 1e-15 then
                        Ok()
                    else
                        Require.inside "triangle" (BoundCalculator.atLeast least) x["r"] |> Result.map ignore<float>
            Assumptions = fun _ -> [| BoundCalculator.assumed "the matrix is symmetric positive definite" |]
            Trivial = fun _ -> 1.0
            Law = "SOR contracts the energy norm of the error as Hackbusch's bound says"
        }

    let conjugateGradientCalculator =
        { radiusCalculator with
            Name = "ssor-cg-iterations"
            Title = "Iterations of conjugate gradients with symmetric SOR"
            Statement =
                "Conjugate gradients preconditioned by symmetric SOR end within 1 + ln(q + sqrt(q^2 - 1))/ln((sqrt c + 1)/(sqrt c - 1)) iterations, q = sqrt(kappa)/epsilon, c = (1 + (2 - omega)^2 a/(4 omega) + omega b)/(2 - omega)."
            Source =
                "Axelsson, Iterative solution methods (1994), as used by Learning to relax (arXiv 2310.02246); derived here too"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    BoundCalculator.free omega
                    input "diagonal" "a" "largest eigenvalue of D A^-1" Domain.Positive 100.0
                    input "triangle" "b" "largest eigenvalue of (L D^-1 L' - D/4) A^-1" Domain.Reals 0.5
                    input "condition" "kappa" "condition number of A" (BoundCalculator.atLeast 1.0) 400.0
                    epsilon
                |]
            Intermediate =
                [|
                    {
                        Symbol = "c"
                        Meaning = "at least the condition number after preconditioning"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let c = RelaxationFormulas.preconditioned x["omega"] x["a"] x["b"]
                        [| RelaxationFormulas.conjugate c x["kappa"] x["epsilon"]; c |]
                }
            Check =
                fun x ->
                    let c = (RelaxationFormulas.preconditioned (R64 x["omega"]) (R64 x["a"]) (R64 x["b"])).V

                    if c > 1.0 && Double.IsFinite c then
                        Ok()
                    else
                        Error(
                            HindsightError.OutOfRange(
                                "triangle",
                                string x["b"],
                                "a number that makes the preconditioned condition number more than 1"
                            )
                        )
            Assumptions = fun _ -> [| BoundCalculator.assumed "the matrix is symmetric positive definite" |]
            Law = "Conjugate gradients with symmetric SOR end within their bound"
        }

    let calculators =
        [|
            radiusCalculator
            bestOmegaCalculator
            iterationsCalculator
            ceilingCalculator
            slopeCalculator
            tauCalculator
            regretCalculator
            tunedRegretCalculator
            shiftSlopeCalculator
            shiftRegretCalculator
            interpolationCalculator
            energyNormCalculator
            conjugateGradientCalculator
        |]

    let radius omega beta =
        radiusCalculator |> BoundCalculator.ofNumbers [| omega; beta |]

    let bestOmega beta =
        bestOmegaCalculator |> BoundCalculator.ofNumbers [| beta |]

    let iterations omega beta tau epsilon =
        iterationsCalculator |> BoundCalculator.ofNumbers [| omega; beta; tau; epsilon |]

    let iterationsCeiling omegaMax beta tau epsilon =
        ceilingCalculator |> BoundCalculator.ofNumbers [| omegaMax; beta; tau; epsilon |]

    let slope omegaMax beta tau epsilon =
        slopeCalculator |> BoundCalculator.ofNumbers [| omegaMax; beta; tau; epsilon |]

    let tau norm k radius =
        tauCalculator |> BoundCalculator.ofNumbers [| norm; float (k: int); radius |]

    let regret horizon gridSize ceiling eta epsilon (alphas: float[]) =
        regretCalculator
        |> BoundCalculator.at
            [|
                [| horizon |]
                [| float (gridSize: int) |]
                [| ceiling |]
                [| eta |]
                [| epsilon |]
                alphas
            |]

    let tunedRegret horizon epsilon (alphas: float[]) =
        tunedRegretCalculator |> BoundCalculator.at [| [| horizon |]; [| epsilon |]; alphas |]

    let gridSize horizon (alphas: float[]) =
        tunedRegret horizon 0.5 alphas
        |> Result.map (fun bound ->
            let size = (bound.Terms |> Array.findBack (fun term -> term.Symbol = "d")).Value
            int (min 1e9 (max 2.0 (Math.Ceiling size))))

    let shiftSlope beta diagonal =
        shiftSlopeCalculator |> BoundCalculator.ofNumbers [| beta; diagonal |]

    let shiftRegret horizon length slope epsilon alpha =
        shiftRegretCalculator |> BoundCalculator.ofNumbers [| horizon; length; slope; epsilon; alpha |]

    let interpolation degree length lipschitz =
        interpolationCalculator |> BoundCalculator.ofNumbers [| float (degree: int); length; lipschitz |]

    let energyNorm omega gap triangle =
        energyNormCalculator |> BoundCalculator.ofNumbers [| omega; gap; triangle |]

    let conjugateGradientIterations omega diagonal triangle condition epsilon =
        conjugateGradientCalculator
        |> BoundCalculator.ofNumbers [| omega; diagonal; triangle; condition; epsilon |]
