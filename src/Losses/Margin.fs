namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Parameters and constants, in float arithmetic.
module private MarginFacts =
    /// The zero value of a struct reads as 1.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let orOne (x: float) = if x = 0.0 then 1.0 else x

    let twice (x: float) = 2.0 * x

    let positive name value =
        Require.positive name value |> Require.ok

    /// Below it E(x) = (e^x - 1)/x is 1 + x/2 to 106 bits.
    let nearZero = 1e-17

    /// 1/ln 2 and e to 106 bits.
    let inverseLn2High = 1.4426950408889634
    let inverseLn2Low = 2.0355273740931033e-17
    let eHigh = 2.718281828459045
    let eLow = 1.4456468917292502e-16

    let metadata name =
        { LossMetadata.Default with
            Name = name
            Label = Domain.Signs
            StrongConvexity = Nullable 0.0
            Calibrated = Nullable true
            Source = "Bartlett, Jordan and McAuliffe (2006)"
        }

    let hinge =
        { metadata "Hinge" with
            Continuity = 0
            Lipschitz = Nullable 1.0
            Elicits = "likelier sign"
        }

    let once name elicits lipschitz (smoothness: float) =
        { metadata name with
            Continuity = 1
            Lipschitz = lipschitz
            Smoothness = Nullable smoothness
            Elicits = elicits
        }

    let squaredHinge = once "SquaredHinge" "2 eta - 1" (Nullable()) 2.0
    let modifiedHuber = once "ModifiedHuber" "2 eta - 1" (Nullable 4.0) 2.0
    let smoothedHinge = once "SmoothedHinge" "" (Nullable 1.0) 1.0

    let logistic name (unit: float) =
        { metadata name with
            Link = Link.Logit
            Lipschitz = Nullable(1.0 / unit)
            Smoothness = Nullable(0.25 / unit)
            ExpConcavity = Nullable unit
            Mixability = Nullable unit
            Elicits = "log-odds"
        }

    let ln2 = log 2.0

    let exponential =
        { metadata "Exponential" with
            Elicits = "half the log-odds"
        }

    let squareMargin =
        { metadata "SquareMargin" with
            Smoothness = Nullable 2.0
            StrongConvexity = Nullable 2.0
            Elicits = "2 eta - 1"
        }

    /// 2 s^2 (1 - s)(2 - 3 s)
    let private savageCurvature (s: float) =
        2.0 * s * s * (1.0 - s) * (2.0 - 3.0 * s)

    let bounded name (supremum: float) (lipschitz: float) =
        { metadata name with
            Convex = false
            Supremum = Nullable supremum
            Lipschitz = Nullable lipschitz
        }

    let savage =
        { bounded "Savage" 1.0 (8.0 / 27.0) with
            Smoothness = Nullable(savageCurvature ((15.0 - sqrt 33.0) / 24.0))
            StrongConvexity = Nullable(savageCurvature ((15.0 + sqrt 33.0) / 24.0))
            Elicits = "log-odds"
            Source = "Masnadi-Shirazi and Vasconcelos (2008)"
        }

    let tangent =
        { bounded "Tangent" ((Math.PI + 1.0) * (Math.PI + 1.0)) 6.168571308828052 with
            Smoothness = Nullable 8.484612157278836
            StrongConvexity = Nullable -3.1701838520954332
            Elicits = "tan(eta - 1/2)"
            Source = "Masnadi-Shirazi, Mahadevan and Vasconcelos (2010)"
        }

    /// Largest second derivative of 1/(1 + e^m): at s = 1/2 -+ 1/sqrt 12.
    let private sigmoidCurvature = 1.0 / (6.0 * sqrt 3.0)

    let sigmoid =
        { bounded "SigmoidMargin" 1.0 0.25 with
            Smoothness = Nullable sigmoidCurvature
            StrongConvexity = Nullable -sigmoidCurvature
            Elicits = "likelier sign"
        }

    let tanh (k: float) =
        { bounded "TanhMargin" 2.0 k with
            Smoothness = Nullable(8.0 * k * k * sigmoidCurvature)
            StrongConvexity = Nullable(-8.0 * k * k * sigmoidCurvature)
            Elicits = "likelier sign"
        }

    let ramp (rho: float) =
        { bounded "Ramp" 1.0 (1.0 / rho) with
            Continuity = 0
            StrongConvexity = Nullable()
            Elicits = "likelier sign"
        }

    let unhinged =
        { metadata "Unhinged" with
            Infimum = Nullable()
            Lipschitz = Nullable 1.0
            Smoothness = Nullable 0.0
            Source = "van Rooyen, Menon and Williamson (2015)"
        }

    let alpha (alpha: float) =
        let b = (alpha - 1.0) / alpha

        let common =
            { metadata "AlphaLoss" with
                Elicits = string alpha + " times the log-odds"
                Source = "Sypherd et al. (2019)"
            }

        if b < 0.0 then
            common
        else
            let curvature s =
                s ** b * (1.0 - s) * ((1.0 + b) * s - b)

            let root sign =
                ((1.0 + 2.0 * b) * (1.0 + b) + sign * sqrt ((1.0 + b) * (1.0 + 5.0 * b)))
                / (2.0 * (1.0 + b) * (2.0 + b))

            let least = if b = 0.0 then 0.0 else curvature (root -1.0)

            { common with
                Convex = (b = 0.0)
                Supremum = (if b = 0.0 then Nullable() else Nullable(1.0 / b))
                Lipschitz = Nullable((b / (1.0 + b)) ** b / (1.0 + b))
                Smoothness = Nullable(max (curvature (root 1.0)) -least)
                StrongConvexity = Nullable least
            }

    let tailed name infimum (smoothness: float) =
        { metadata name with
            Continuity = 1
            Infimum = infimum
            Lipschitz = Nullable 1.0
            Smoothness = Nullable smoothness
            Source = "EnsLoss (arXiv 2409.00908), appendix"
        }

    let exponentialTail = tailed "HingeExponentialTail" (Nullable -1.0) 1.0
    let reciprocalTail = tailed "HingeReciprocalTail" (Nullable -1.0) 2.0

    let logarithmicTail = tailed "HingeLogarithmicTail" (Nullable -Math.E) (3.0 / Math.E)

    let negativeLogTail = tailed "HingeNegativeLogTail" (Nullable()) 1.0

open Hindsight.FSharp.Ops

module private MarginCurves =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let at<'L, 'T when 'L :> IMarginLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct>
        (loss: 'L)
        (label: 'T)
        (score: 'T)
        : 'T =
        loss.Phi(label * score)

    /// max(1 - m, 0); at m = 1 the slope is 0
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let shortfall<'T when 'T :> IReal<'T> and 'T: struct> (margin: 'T) : 'T =
        'T.Max('T.Const 0.0, 'T.Const 1.0 - margin)

    /// 1 - m up to m = 1, the tail beyond, which sees no margin below 1
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let joined<'F, 'T when 'F :> IScalarFunction and 'F: struct and 'T :> IReal<'T> and 'T: struct>
        (tail: 'F)
        (margin: 'T)
        : 'T =
        let one = 'T.Const 1.0
        let below = one - margin
        'T.Select(below, below, 'T.Apply(tail, 'T.Max(margin, one)))

    /// -s(m) s(-m); its slope s(m) s(-m) (s(m) - s(-m)), and the difference is tanh(m/2)
    [<Struct; NoComparison; NoEquality>]
    type SigmoidSlope =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (right, wrong) = 'T.Sigmoids margin
                -(right * wrong)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (right, wrong) = 'T.Sigmoids margin
                right * wrong * 'T.Tanh('T.Const 0.5 * margin)

    /// s(-m)
    [<Struct; NoComparison; NoEquality>]
    type SigmoidValue =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Sigmoid(-margin)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(SigmoidSlope(), margin)

    /// -2 s(-m)^2 s(m)
    [<Struct; NoComparison; NoEquality>]
    type SavageSlope =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (right, wrong) = 'T.Sigmoids margin
                'T.Const -2.0 * ('T.Sqr wrong * right)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (right, wrong) = 'T.Sigmoids margin
                'T.Const 2.0 * ('T.Sqr wrong * right) * ((right + right) - wrong)

    /// s(-m)^2
    [<Struct; NoComparison; NoEquality>]
    type SavageValue =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Sqr('T.Sigmoid(-margin))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(SavageSlope(), margin)

    /// w = 2 arctan m - 1
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let tangentAngle<'T when 'T :> IReal<'T> and 'T: struct> (margin: 'T) : 'T =
        let angle = 'T.Atan margin
        (angle + angle) - 'T.Const 1.0

    /// 4 w/(1 + m^2); its slope 8 (1 - m w)/(1 + m^2)^2
    [<Struct; NoComparison; NoEquality>]
    type TangentSlope =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                'T.Const 4.0 * tangentAngle margin / ('T.Const 1.0 + 'T.Sqr margin)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let square = 'T.Const 1.0 + 'T.Sqr margin
                // m/(1 + m^2) first: m w may overflow
                let bend = 'T.Const 1.0 / square - margin / square * tangentAngle margin
                'T.Const 8.0 * bend / square

    /// w^2
    [<Struct; NoComparison; NoEquality>]
    type TangentValue =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Sqr(tangentAngle margin)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(TangentSlope(), margin)

    /// b = 1 - 1/alpha with a numerator that is exact near 1
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let order<'T when 'T :> IReal<'T> and 'T: struct> (alpha: float) : 'T =
        let alpha = 'T.Const alpha
        (alpha - 'T.Const 1.0) / alpha

    /// s^b s(-m) (s - b s(-m)), less the sign: the slope of -s(m)^b s(-m)
    [<Struct; NoComparison; NoEquality>]
    type AlphaSlope(alpha: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let b = order<'T> alpha
                let struct (value, wrong, _) = 'T.SoftplusSigmas(-margin)
                -('T.Exp(-(b * value)) * wrong)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let b = order<'T> alpha
                let struct (value, wrong, right) = 'T.SoftplusSigmas(-margin)

                // s(m) - b s(-m) = tanh(m/2) + s(-m)/alpha: each cancels where the other does not
                let factor =
                    if alpha <= 2.0 then
                        right - b * wrong
                    else
                        'T.Tanh('T.Const 0.5 * margin) + wrong / 'T.Const alpha

                'T.Exp(-(b * value)) * wrong * factor

    /// L E(-b L), L = ln(1 + e^-m), E(x) = (e^x - 1)/x
    [<Struct; NoComparison; NoEquality>]
    type AlphaValue(alpha: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let one = 'T.Const 1.0
                let b = order<'T> alpha
                let logistic = 'T.Softplus(-margin)
                let x = -(b * logistic)
                let far = 'T.Abs x - 'T.Const MarginFacts.nearZero
                let divisor = 'T.Select(far, x, one)
                logistic * 'T.Select(far, 'T.Expm1 divisor / divisor, one + 'T.Const 0.5 * x)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(AlphaSlope alpha, margin)

    [<Struct; NoComparison; NoEquality>]
    type ExponentialTail =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Expm1('T.Const 1.0 - margin)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = -('T.Exp('T.Const 1.0 - margin))

    [<Struct; NoComparison; NoEquality>]
    type ReciprocalTail =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = ('T.Const 1.0 - margin) / margin

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = -('T.Sqr('T.Const 1.0 / margin))

    /// -1/((1 + z) u^2), z = (m - 1)/e, u = 1 + ln(1 + z); its slope (1 + 2/u)/(e (1 + z)^2 u^2)
    [<Struct; NoComparison; NoEquality>]
    type LogarithmicTailSlope =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let one = 'T.Const 1.0
                let part = (margin - one) / 'T.Const2(MarginFacts.eHigh, MarginFacts.eLow)
                'T.Const -1.0 / ((one + part) * 'T.Sqr(one + 'T.Log1p part))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let one = 'T.Const 1.0
                let e = 'T.Const2(MarginFacts.eHigh, MarginFacts.eLow)
                let part = (margin - one) / e
                let u = one + 'T.Log1p part
                (one + 'T.Const 2.0 / u) / (e * 'T.Sqr((one + part) * u))

    /// -e w/(1 + w), w = ln(1 + (m - 1)/e)
    [<Struct; NoComparison; NoEquality>]
    type LogarithmicTail =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let one = 'T.Const 1.0
                let e = 'T.Const2(MarginFacts.eHigh, MarginFacts.eLow)
                let w = 'T.Log1p((margin - one) / e)
                -(e * (w / (one + w)))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                'T.Apply(LogarithmicTailSlope(), margin)

    [<Struct; NoComparison; NoEquality>]
    type NegativeLogTail =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = -('T.Log margin)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Const -1.0 / margin

open MarginCurves

[<Struct; NoComparison; NoEquality>]
type Hinge =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = shortfall margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.hinge

[<Struct; NoComparison; NoEquality>]
type SquaredHinge =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Sqr(shortfall margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.squaredHinge

[<Struct; NoComparison; NoEquality>]
type ModifiedHuber =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            'T.Select(margin + 'T.Const 1.0, 'T.Sqr(shortfall margin), 'T.Const -4.0 * margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.modifiedHuber

[<Struct; NoComparison; NoEquality>]
type SmoothedHinge =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            let half = 'T.Const 0.5
            'T.Select(margin, half * 'T.Sqr(shortfall margin), half - margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.smoothedHinge

[<Struct; NoComparison; NoEquality>]
type Logistic =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Softplus(-margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.logistic "Logistic" 1.0

[<Struct; NoComparison; NoEquality>]
type LogisticBase2 =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            'T.Softplus(-margin) * 'T.Const2(MarginFacts.inverseLn2High, MarginFacts.inverseLn2Low)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.logistic "LogisticBase2" MarginFacts.ln2

[<Struct; NoComparison; NoEquality>]
type Exponential =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Exp(-margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.exponential

[<Struct; NoComparison; NoEquality>]
type SquareMargin =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Sqr('T.Const 1.0 - margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.squareMargin

[<Struct; NoComparison; NoEquality>]
type Savage =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(SavageValue(), margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.savage

[<Struct; NoComparison; NoEquality>]
type Tangent =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(TangentValue(), margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.tangent

[<Struct; NoComparison; NoEquality>]
type SigmoidMargin =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(SigmoidValue(), margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.sigmoid

[<Struct; NoComparison; NoEquality>]
type TanhMargin =
    val private steepness: float

    new(steepness) =
        {
            steepness = MarginFacts.positive "steepness" steepness
        }

    member loss.Steepness = MarginFacts.orOne loss.steepness

    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            'T.Const 2.0 * 'T.Apply(SigmoidValue(), 'T.Const(MarginFacts.twice loss.Steepness) * margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = MarginFacts.tanh loss.Steepness

[<Struct; NoComparison; NoEquality>]
type Ramp =
    val private width: float

    new(width) =
        {
            width = MarginFacts.positive "width" width
        }

    member loss.Width = MarginFacts.orOne loss.width

    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            let one = 'T.Const 1.0
            // by the margin's sign: 1 - m/rho may round to 1
            'T.Select(margin, 'T.Max('T.Const 0.0, one - margin / 'T.Const loss.Width), one)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = MarginFacts.ramp loss.Width

[<Struct; NoComparison; NoEquality>]
type Unhinged =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Const 1.0 - margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.unhinged

[<Struct; NoComparison; NoEquality>]
type AlphaLoss =
    val private alpha: float

    new(alpha) =
        {
            alpha = MarginFacts.positive "alpha" alpha
        }

    member loss.Alpha = MarginFacts.orOne loss.alpha

    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
            'T.Apply(AlphaValue loss.Alpha, margin)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = MarginFacts.alpha loss.Alpha

[<Struct; NoComparison; NoEquality>]
type HingeExponentialTail =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = joined (ExponentialTail()) margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.exponentialTail

[<Struct; NoComparison; NoEquality>]
type HingeReciprocalTail =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = joined (ReciprocalTail()) margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.reciprocalTail

[<Struct; NoComparison; NoEquality>]
type HingeLogarithmicTail =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = joined (LogarithmicTail()) margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.logarithmicTail

[<Struct; NoComparison; NoEquality>]
type HingeNegativeLogTail =
    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = joined (NegativeLogTail()) margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            MarginCurves.at loss label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = MarginFacts.negativeLogTail

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module Margin =
    let value (loss: IMarginLoss) (margin: float) = loss.Phi(R64 margin).V

    let jet (loss: IMarginLoss) (margin: float) : struct (float * float * float) =
        let j = loss.Phi(Jet2(R64 margin, R64 1.0, R64 0.0))
        struct (j.P.V, j.D.V, j.H.V)

    let private family = "margin"

    let private plain name (create: unit -> ILoss) =
        LossEntry.scalar name family [||] (fun _ -> create ())

    let private shaped name parameter meaning start typical (create: float -> ILoss) =
        LossEntry.scalar
            name
            family
            [| LossEntry.parameter parameter meaning start Domain.Positive typical |]
            (fun values -> create values[0])

    let entries =
        [|
            plain "hinge" (fun () -> Hinge())
            plain "squared-hinge" (fun () -> SquaredHinge())
            plain "modified-huber" (fun () -> ModifiedHuber())
            plain "smoothed-hinge" (fun () -> SmoothedHinge())
            plain "logistic" (fun () -> Logistic())
            plain "logistic-base-2" (fun () -> LogisticBase2())
            plain "exponential" (fun () -> Exponential())
            plain "square-margin" (fun () -> SquareMargin())
            plain "savage" (fun () -> Savage())
            plain "tangent" (fun () -> Tangent())
            plain "sigmoid-margin" (fun () -> SigmoidMargin())
            shaped "tanh-margin" "steepness" "slope at margin 0" 1.0 (Domain.Closed(0.1, 10.0)) (fun k -> TanhMargin k)
            shaped "ramp" "width" "margin at which the loss reaches 0" 1.0 (Domain.Closed(0.1, 10.0)) (fun w -> Ramp w)
            plain "unhinged" (fun () -> Unhinged())
            shaped
                "alpha-loss"
                "alpha"
                "order: 1/2 exponential, 1 logistic, infinity sigmoid"
                2.0
                (Domain.Closed(0.4, 20.0))
                (fun a -> AlphaLoss a)
            plain "hinge-exponential-tail" (fun () -> HingeExponentialTail())
            plain "hinge-reciprocal-tail" (fun () -> HingeReciprocalTail())
            plain "hinge-logarithmic-tail" (fun () -> HingeLogarithmicTail())
            plain "hinge-negative-log-tail" (fun () -> HingeNegativeLogTail())
        |]
