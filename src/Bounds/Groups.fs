namespace Hindsight.FSharp

open Hindsight

/// The formulas, once, over any scalar.
module private GroupFormulas =
    open Hindsight.FSharp.Ops

    let normalHedge<'T when 'T :> IReal<'T> and 'T: struct>
        (deviation: 'T)
        (prior: 'T)
        (priors: 'T[])
        (deviations: 'T[])
        : 'T[] =
        let one = 'T.Const 1.0

        let weighted = Array.map2 (fun p c -> p * (one + 'T.Const 1.5 * (one + 'T.Log1p c))) priors deviations

        let potential = weighted |> Array.reduce (fun a b -> a + b)
        [| 'T.Sqrt('T.Const 3.0 * deviation * 'T.Log(potential / prior)); potential |]

    let groupwise<'T when 'T :> IReal<'T> and 'T: struct>
        (oracle: 'T)
        (range: 'T)
        (active: 'T)
        (horizon: 'T)
        (groups: 'T)
        : 'T =
        let potential = 'T.Const 2.5 + 'T.Const 1.5 * 'T.Log1p horizon
        oracle + range * 'T.Sqrt('T.Const 3.0 * active * 'T.Log(groups * potential))

    let regression<'T when 'T :> IReal<'T> and 'T: struct>
        (label: 'T)
        (norm: 'T)
        (regularisation: 'T)
        (dimension: 'T)
        (active: 'T)
        (horizon: 'T)
        (groups: 'T)
        : 'T =
        let square = 'T.Sqr label

        let oracle = square * dimension * 'T.Log1p(active * 'T.Sqr norm / (regularisation * dimension))

        groupwise oracle ('T.Const 4.0 * square) active horizon groups

[<RequireQualifiedAccess>]
module Groups =
    let private run detail =
        BoundCalculator.byConstruction "the algorithm" detail

    let private normal =
        {
            Name = "adanormalhedge"
            Family = "groups"
            Title = "AdaNormalHedge with sleeping experts"
            Statement =
                "AdaNormalHedge with losses in [0,1] has regret of at most sqrt(3 C ln(B/q)), B = sum_i p_i (1 + (3/2)(1 + ln(1 + C_i))), against an expert of prior weight q on the rounds in which it is awake; C is the sum of its rounds' absolute regrets."
            Source = "Luo and Schapire 2015, form of the algorithm from memory; bound derived here from its potential"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    BoundCalculator.input
                        "deviation"
                        "C"
                        "sum of the absolute regrets of the expert's rounds"
                        Domain.NonNegative
                        30.0
                    BoundCalculator.input "prior" "q" "prior weight of the expert" Domain.Positive 0.3
                    BoundCalculator.input "priors" "p" "prior weights of all experts" Domain.Positive 0.5
                    |> BoundCalculator.list [| 0.5; 0.3; 0.2 |]
                    BoundCalculator.input
                        "deviations"
                        "A"
                        "sums of absolute regrets of all experts"
                        Domain.NonNegative
                        30.0
                    |> BoundCalculator.list [| 20.0; 30.0; 10.0 |]
                |]
            Intermediate =
                [|
                    {
                        Symbol = "B"
                        Meaning = "the most that the potential can be"
                    }
                |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        GroupFormulas.normalHedge x["C"] x["q"] (x.List "p") (x.List "A")
                }
            Check =
                fun x ->
                    result {
                        do! Require.length "deviations" (x.List "p").Length (x.List "A").Length
                        // up to the rounding of the sum
                        let most = Array.sum (x.List "p") * (1.0 + 1e-12)

                        let! _ =
                            Require.inside
                                "prior"
                                { Domain.Positive with
                                    High = most
                                    HighClosed = true
                                }
                                x["q"]

                        return ()
                    }
            Assumptions = fun _ -> [| BoundCalculator.assumed "losses lie in [0,1]"; run "AdaNormalHedge" |]
            Trivial = BoundCalculator.noTrivial
            Law = "AdaNormalHedge follows every expert through its waking rounds"
        }

    let private active = BoundCalculator.input "active" "t" "rounds of the group" Domain.NonNegative 300.0

    let private horizon = BoundCalculator.input "horizon" "T" "all rounds" (BoundCalculator.atLeast 1.0) 1e3

    let private count = BoundCalculator.count "groups" "M" "groups" 1.0 8.0

    let private within (x: BoundInputs<float>) =
        Require.inside "active" (Domain.Closed(0.0, x["T"])) x["t"] |> Result.map ignore<float>

    let private group =
        { normal with
            Name = "groupwise"
            Title = "groupwise regret"
            Statement =
                "AdaNormalHedge over one oracle a group has on every group regret of at most O + R sqrt(3 t ln(M (5/2 + (3/2) ln(1 + T)))), O the regret of the group's oracle on its t rounds and R the range of a round's losses, convex in the prediction."
            Source = "aggregation of arXiv 2310.04652; constants derived here"
            Inputs =
                [|
                    BoundCalculator.input "oracle" "O" "regret of the group's oracle on its rounds" Domain.Reals 20.0
                    BoundCalculator.input "range" "R" "range of a round's losses" Domain.Positive 1.0
                    active
                    horizon
                    count
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GroupFormulas.groupwise x["O"] x["R"] x["t"] x["T"] x["M"] |]
                }
            Check = within
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "losses are convex in the prediction and lie in an interval of length R"
                        run "AdaNormalHedge over one oracle a group, uniform prior"
                    |]
            Trivial = fun x -> x["R"] * x["t"]
            Law = "Groupwise regret: one aggregate is nearly as good on every group as the group's own oracle"
        }

    let private regression =
        { group with
            Name = "groupwise-regression"
            Title = "groupwise regret of online regression"
            Statement =
                "AdaNormalHedge over one Vovk-Azoury-Warmuth forecaster a group, clipped to [-Y, Y], has on every group square loss of at most min_u lambda |u|^2 + sum (u'x - y)^2 + Y^2 d ln(1 + t X^2/(lambda d)) + 4 Y^2 sqrt(3 t ln(M (5/2 + (3/2) ln(1 + T))))."
            Inputs =
                [|
                    BoundCalculator.input "label" "Y" "largest label in absolute value" Domain.Positive 1.0
                    BoundCalculator.input "norm" "X" "largest norm of an input" Domain.NonNegative 1.0
                    BoundCalculator.input "regularisation" "lambda" "ridge regulariser" Domain.Positive 1.0
                    BoundCalculator.count "dimension" "d" "dimension" 1.0 5.0
                    active
                    horizon
                    count
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            GroupFormulas.regression x["Y"] x["X"] x["lambda"] x["d"] x["t"] x["T"] x["M"]
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "labels lie in [-Y, Y] and inputs in a ball of radius X"
                        run "AdaNormalHedge over clipped Vovk-Azoury-Warmuth forecasters, uniform prior"
                    |]
            Trivial = fun x -> 4.0 * x["Y"] * x["Y"] * x["t"]
        }

    let calculators = [| normal; group; regression |]

    let adaNormalHedge deviation prior (priors: float[]) (deviations: float[]) =
        normal |> BoundCalculator.at [| [| deviation |]; [| prior |]; priors; deviations |]

    let groupwise oracle range active horizon groups =
        group |> BoundCalculator.ofNumbers [| oracle; range; active; horizon; float (groups: int) |]

    let groupwiseRegression label norm regularisation dimension active horizon groups =
        regression
        |> BoundCalculator.ofNumbers
            [|
                label
                norm
                regularisation
                float (dimension: int)
                active
                horizon
                float (groups: int)
            |]
