namespace Hindsight.FSharp

open System
open Hindsight

module private RademacherFormulas =
    open Hindsight.FSharp.Ops

    let risk<'T when 'T :> IReal<'T> and 'T: struct>
        (n: 'T)
        (risk: 'T)
        (complexity: 'T)
        (factor: float)
        (log: 'T)
        : 'T =
        risk + 'T.Const 2.0 * complexity + 'T.Const factor * 'T.Sqrt(log / ('T.Const 2.0 * n))

    let times<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a * b

    let linear<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (weight: 'T) (input: 'T) : 'T =
        weight * input / 'T.Sqrt n

    let linearAt<'T when 'T :> IReal<'T> and 'T: struct> (weight: 'T) (norms: 'T[]) : 'T =
        let total = norms |> Array.fold (fun sum x -> sum + 'T.Sqr x) ('T.Const 0.0)
        weight * 'T.Sqrt total / 'T.Const(float norms.Length)

    let absolute<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (d: 'T) (weight: 'T) (largest: 'T) : 'T =
        largest * weight * 'T.Sqrt('T.Const 2.0 * 'T.Log('T.Const 2.0 * d) / n)

    let massart<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (norm: 'T) (size: 'T) : 'T =
        norm * 'T.Sqrt('T.Const 2.0 * 'T.Log size) / n

    let kernel<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (norm: 'T) (trace: 'T) : 'T = norm * 'T.Sqrt trace / n

    let relu<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (input: 'T) (norms: 'T[]) : 'T =
        let layers = float norms.Length
        let product = norms |> Array.fold (fun p m -> p * m) ('T.Const 1.0)

        input * ('T.Sqrt('T.Const 2.0 * 'T.Const layers * 'T.Log('T.Const 2.0)) + 'T.Const 1.0) * product
        / 'T.Sqrt n

    let vapnik<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (d: 'T) : 'T =
        'T.Sqrt('T.Const 2.0 * d * ('T.Const 1.0 + 'T.Log(n / d)) / n)

    let monteCarlo<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (m: 'T) (mean: 'T) (largest: 'T) (delta: 'T) : 'T =
        mean + largest * 'T.Sqrt('T.Const 2.0 * 'T.Log('T.Const 1.0 / delta) / (n * m))

    let logInverse<'T when 'T :> IReal<'T> and 'T: struct> (top: float) (delta: 'T) : 'T = 'T.Log('T.Const top / delta)

[<RequireQualifiedAccess>]
module Rademacher =
    let private observations = BoundCalculator.count "observations" "n" "observations" 1.0 1000.0

    let private empiricalRisk = BoundCalculator.input "risk" "q" "empirical risk" Domain.Unit 0.1

    let private complexity =
        BoundCalculator.input "complexity" "r" "Rademacher complexity of the losses" Domain.NonNegative 0.05

    let private weightNorm =
        BoundCalculator.input "weightNorm" "B" "largest norm of the weights" Domain.Positive 1.0

    let private inputNorm =
        BoundCalculator.input "inputNorm" "X" "largest norm of an input" Domain.Positive 1.0

    let private calculator name title statement source kind inputs assumptions law definition =
        {
            Name = name
            Family = "rademacher"
            Title = title
            Statement = statement
            Source = source
            Kind = kind
            Direction = BoundDirection.Upper
            Inputs = inputs
            Intermediate = [||]
            Text = null
            Definition = definition
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> assumptions
            Trivial = BoundCalculator.noTrivial
            Law = law
        }

    let private independent =
        BoundCalculator.assumed "observations are independent with one law, losses lie in [0, 1]"

    let private riskCalculator =
        { calculator
              "rademacher-risk"
              "risk by the expected Rademacher complexity"
              "With probability at least 1 - delta, for all functions of the class at once, R <= q + 2 r + sqrt(ln(1/delta)/(2n)), r the expected Rademacher complexity of the losses."
              "Bartlett and Mendelson 2002; Koltchinskii and Panchenko 2002; derived in Mohri, Rostamizadeh and Talwalkar 2018, Theorem 3.3"
              BoundKind.HighProbability
              [| observations; empiricalRisk; complexity; BoundCalculator.delta |]
              [| independent |]
              "The Rademacher risk bound holds for all functions at once, by enumeration"
              { new IBoundFormula with
                  member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                      [|
                          RademacherFormulas.risk
                              x["n"]
                              x["q"]
                              x["r"]
                              1.0
                              (RademacherFormulas.logInverse 1.0 x["delta"])
                      |]
              } with
            Trivial = fun _ -> 1.0
        }

    let private riskFromDataCalculator =
        { riskCalculator with
            Name = "rademacher-risk-data"
            Title = "risk by the empirical Rademacher complexity"
            Statement =
                "With probability at least 1 - delta, for all functions of the class at once, R <= q + 2 r + 3 sqrt(ln(2/delta)/(2n)), r the empirical Rademacher complexity of the losses."
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            RademacherFormulas.risk
                                x["n"]
                                x["q"]
                                x["r"]
                                3.0
                                (RademacherFormulas.logInverse 2.0 x["delta"])
                        |]
                }
            Law = "The data-dependent Rademacher risk bound holds for all functions at once, by enumeration"
        }

    let private contractionCalculator =
        calculator
            "rademacher-contraction"
            "contraction of a Rademacher complexity"
            "The complexity of phi(f) is at most L times the complexity r of f, for phi with Lipschitz constant L."
            "Ledoux and Talagrand 1991, Theorem 4.12; without absolute value and factor 2 Meir and Zhang 2003"
            BoundKind.Deterministic
            [|
                BoundCalculator.input "lipschitz" "L" "Lipschitz constant of the loss in the score" Domain.Positive 1.0
                complexity
            |]
            [|
                BoundCalculator.assumed
                    "phi is one scalar function (or one for each observation) with Lipschitz constant L"
            |]
            "Talagrand's contraction, by enumeration of signs"
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| RademacherFormulas.times x["L"] x["r"] |]
            }

    let private linearCalculator =
        calculator
            "rademacher-linear"
            "complexity of linear functions"
            "Linear functions w'x with |w| <= B at n points with |x| <= X have a complexity of at most B X/sqrt n."
            "Kakade, Sridharan and Tewari 2008; derived here: Jensen's inequality for |sum sigma_i x_i|"
            BoundKind.Deterministic
            [| observations; weightNorm; inputNorm |]
            [| BoundCalculator.assumed "Euclidean norms" |]
            "Complexities of linear and kernel classes, by enumeration of signs"
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| RademacherFormulas.linear x["n"] x["B"] x["X"] |]
            }

    let private linearAtCalculator =
        { linearCalculator with
            Name = "rademacher-linear-data"
            Title = "complexity of linear functions at given points"
            Statement =
                "Linear functions w'x with |w| <= B at n points have a complexity of at most (B/n) sqrt(sum |x_i|^2)."
            Source = "derived here: Jensen's inequality for |sum sigma_i x_i|"
            Inputs =
                [|
                    weightNorm
                    BoundCalculator.input "norms" "x" "norm of a point" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 1.0; 0.5; 2.0; 1.5 |]
                |]
            Text = "B*sqrt(sum_i x_i^2)/n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.linearAt x["B"] (x.List "x") |]
                }
        }

    let private absoluteCalculator =
        { linearCalculator with
            Name = "rademacher-l1"
            Title = "complexity of sparse linear functions"
            Statement =
                "Linear functions w'x of d coordinates with sum |w_j| <= B at n points with all |x_ij| <= X have a complexity of at most X B sqrt(2 ln(2d)/n)."
            Source = "Kakade, Sridharan and Tewari 2008; derived here: Massart's lemma for the 2d signed coordinates"
            Inputs =
                [|
                    observations
                    BoundCalculator.count "dimension" "d" "coordinates" 1.0 100.0
                    { weightNorm with
                        Meaning = "largest sum of absolute weights"
                    }
                    { inputNorm with
                        Name = "largest"
                        Meaning = "largest absolute coordinate"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.absolute x["n"] x["d"] x["B"] x["X"] |]
                }
            Assumptions = fun _ -> [||]
            Law = "Massart's lemma, by enumeration of signs"
        }

    let private massartCalculator =
        { absoluteCalculator with
            Name = "massart"
            Title = "Massart's lemma"
            Statement = "A finite set of N vectors of norm at most c has E max sum sigma_i a_i/n <= c sqrt(2 ln N)/n."
            Source = "Massart 2000, Lemma 5.2"
            Inputs =
                [|
                    observations
                    BoundCalculator.input "norm" "c" "largest norm of a vector of values" Domain.NonNegative 30.0
                    BoundCalculator.input "size" "N" "number of vectors" (BoundCalculator.atLeast 1.0) 100.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.massart x["n"] x["c"] x["N"] |]
                }
        }

    let private kernelCalculator =
        { linearCalculator with
            Name = "rademacher-kernel"
            Title = "complexity of a ball of a kernel's space"
            Statement =
                "Functions of norm at most B in the space of a kernel with Gram matrix K have a complexity of at most (B/n) sqrt(tr K)."
            Source = "Bartlett and Mendelson 2002, Lemma 22"
            Inputs =
                [|
                    observations
                    { weightNorm with
                        Name = "functionNorm"
                        Meaning = "largest norm of a function"
                    }
                    BoundCalculator.input "trace" "trace" "trace of the Gram matrix" Domain.NonNegative 1000.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.kernel x["n"] x["B"] x["trace"] |]
                }
            Assumptions = fun _ -> [||]
        }

    let private reluCalculator =
        { linearCalculator with
            Name = "rademacher-relu"
            Title = "complexity of ReLU networks"
            Statement =
                "Networks of L layers with ReLU in between and Frobenius norms at most M_j at n points with |x| <= X have a complexity of at most X (sqrt(2 L ln 2) + 1) prod M_j/sqrt n."
            Source = "Golowich, Rakhlin and Shamir 2018, Theorem 1 (constant from memory)"
            Inputs =
                [|
                    observations
                    inputNorm
                    BoundCalculator.input "layerNorms" "M" "largest Frobenius norm of a layer" Domain.Positive 1.0
                    |> BoundCalculator.list [| 2.0; 1.5; 1.0 |]
                |]
            Text = "X*(sqrt(2*L*log(2)) + 1)*prod_j M_j/sqrt(n), L the number of layers"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.relu x["n"] x["X"] (x.List "M") |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "one real output, no biases" |]
            Law = "The complexity of small ReLU networks is within the bound of Golowich, Rakhlin and Shamir"
        }

    let private vapnikCalculator =
        { absoluteCalculator with
            Name = "rademacher-vc"
            Title = "complexity of a class of finite VC dimension"
            Statement =
                "Functions to {-1, 1} of VC dimension d at n >= d points have a complexity of at most sqrt(2 d ln(e n/d)/n)."
            Source = "derived here: Sauer's lemma and Massart's lemma"
            Inputs =
                [|
                    observations
                    BoundCalculator.count "dimension" "d" "VC dimension" 1.0 10.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.vapnik x["n"] x["d"] |]
                }
            Check = fun x -> Require.inside "dimension" (Domain.Closed(1.0, x["n"])) x["d"] |> Result.map ignore<float>
            Trivial = fun _ -> 1.0
            Law = "The complexity of thresholds and of shattered points is within the bound by VC dimension"
        }

    let private monteCarloCalculator =
        { linearCalculator with
            Name = "rademacher-monte-carlo"
            Title = "empirical Rademacher complexity from random signs"
            Statement =
                "If the mean of sup_f (1/n) sum sigma_i f(x_i) over m independent sign vectors is r, the empirical complexity is at most r + M sqrt(2 ln(1/delta)/(n m)) with probability at least 1 - delta, |f(x_i)| <= M."
            Source = "derived here: a sign moves the mean by at most 2M/(n m); McDiarmid 1989 with n m signs"
            Kind = BoundKind.HighProbability
            Inputs =
                [|
                    observations
                    BoundCalculator.count "draws" "m" "sign vectors" 1.0 100.0
                    BoundCalculator.input "mean" "r" "mean of the suprema, each over n" Domain.Reals 0.1
                    BoundCalculator.input "largest" "M" "largest absolute value of a function" Domain.Positive 1.0
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| RademacherFormulas.monteCarlo x["n"] x["m"] x["r"] x["M"] x["delta"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.byConstruction "independent fair signs" "Philox" |]
            Trivial = fun x -> x["M"]
            Law = "The Monte-Carlo complexity errs by McDiarmid's width with probability at most delta, by enumeration"
        }

    let calculators =
        [|
            riskCalculator
            riskFromDataCalculator
            contractionCalculator
            linearCalculator
            linearAtCalculator
            absoluteCalculator
            massartCalculator
            kernelCalculator
            reluCalculator
            vapnikCalculator
            monteCarloCalculator
        |]

    let risk (observations: int) risk complexity delta =
        riskCalculator |> BoundCalculator.ofNumbers [| float observations; risk; complexity; delta |]

    let riskFromData (observations: int) risk complexity delta =
        riskFromDataCalculator
        |> BoundCalculator.ofNumbers [| float observations; risk; complexity; delta |]

    let contraction lipschitz complexity =
        contractionCalculator |> BoundCalculator.ofNumbers [| lipschitz; complexity |]

    let linear (observations: int) weightNorm inputNorm =
        linearCalculator |> BoundCalculator.ofNumbers [| float observations; weightNorm; inputNorm |]

    let linearAt weightNorm norms =
        linearAtCalculator |> BoundCalculator.at [| [| weightNorm |]; norms |]

    let absoluteLinear (observations: int) (dimension: int) weightNorm largest =
        absoluteCalculator
        |> BoundCalculator.ofNumbers [| float observations; float dimension; weightNorm; largest |]

    let massart (observations: int) norm size =
        massartCalculator |> BoundCalculator.ofNumbers [| float observations; norm; size |]

    let kernel (observations: int) functionNorm trace =
        kernelCalculator |> BoundCalculator.ofNumbers [| float observations; functionNorm; trace |]

    let reluNetwork (observations: int) inputNorm layerNorms =
        reluCalculator |> BoundCalculator.at [| [| float observations |]; [| inputNorm |]; layerNorms |]

    let vapnik (observations: int) (dimension: int) =
        vapnikCalculator |> BoundCalculator.ofNumbers [| float observations; float dimension |]

    let monteCarlo seed draws observations largest delta (supremum: float[] -> float) =
        result {
            let! draws = Require.atLeast "draws" 1 draws
            let! n = Require.atLeast "observations" 1 observations
            let! largest = Require.positive "largest" largest
            let! delta = Require.confidence "delta" delta
            let random = RandomStream(seed, 0UL)
            let signs = Array.zeroCreate<float> n

            let total =
                Seq.init draws (fun _ ->
                    for i in 0 .. n - 1 do
                        signs[i] <- if random.NextBits() >>> 63 = 0UL then -1.0 else 1.0

                    supremum signs)
                |> Seq.sum

            let! total = Require.finite "supremum" total

            return!
                monteCarloCalculator
                |> BoundCalculator.ofNumbers [| float n; float draws; total / (float n * float draws); largest; delta |]
        }
