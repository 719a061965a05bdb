namespace Hindsight

open System
open System.Globalization

[<Struct; NoComparison>]
type Enclosure =
    {
        Low: float
        High: float
        Converged: bool
        Boxes: int
    }

    member e.Width = e.High - e.Low
    member e.Contains(value: float) = e.Low <= value && value <= e.High

    override e.ToString() =
        let number (x: float) =
            x.ToString("G10", CultureInfo.InvariantCulture)

        let note =
            if e.Converged then
                ""
            else
                $" (wider than requested, {e.Boxes} boxes)"

        $"[{number e.Low}, {number e.High}]{note}"

[<Struct; NoComparison>]
type CertifyOptions =
    {
        Width: float
        Relative: float
        Boxes: int
    }

    static member Default =
        {
            Width = 1e-9
            Relative = 1e-6
            Boxes = 20_000
        }

[<NoComparison>]
type Certificate =
    {
        Name: string
        Label: Ival
        Score: Ival
        Infimum: Enclosure
        Supremum: Enclosure
        Lipschitz: Nullable<Enclosure>
        Smoothness: Nullable<Enclosure>
        StrongConvexity: Nullable<Enclosure>
        ExpConcavity: Nullable<Enclosure>
        SelfConcordance: Nullable<Enclosure>
        PolyakLojasiewicz: Nullable<Enclosure>
        QuadraticGrowth: Nullable<Enclosure>
        Notes: string[]
    }

    override c.ToString() =
        let line name meaning (value: Nullable<Enclosure>) =
            let text = if value.HasValue then string value.Value else "none"
            $"  {name} {text}: {meaning}"

        seq {
            yield $"{c.Name} for labels in {c.Label} and scores in {c.Score}"
            yield line "infimum" "least value" (Nullable c.Infimum)
            yield line "supremum" "largest value" (Nullable c.Supremum)
            yield line "Lipschitz" "sup |l'|" c.Lipschitz
            yield line "smoothness" "sup |l''|" c.Smoothness
            yield line "strong convexity" "inf l''" c.StrongConvexity
            yield line "exp-concavity" "inf l''/l'^2, in the score" c.ExpConcavity
            yield line "self-concordance" "sup |l'''|/l''^(3/2)" c.SelfConcordance
            yield line "Polyak-Lojasiewicz" "inf (l'^2/2)/(l - l*)" c.PolyakLojasiewicz
            yield line "quadratic growth" "inf 2 (l - l*)/(z - z*)^2" c.QuadraticGrowth

            for note in c.Notes do
                yield $"  note: {note}"
        }
        |> String.concat "\n"

namespace Hindsight.FSharp

open System
open System.Collections.Generic
open Hindsight

open IntervalArithmetic

/// An enclosure on a box with enclosures of its partial derivatives in the label and the score.
[<Struct; NoComparison; NoEquality>]
type private CertifiedForm =
    {
        Value: Ival
        ByLabel: Ival
        ByScore: Ival
    }

/// The loss and its derivatives in the score on a box: element i is the i-th derivative.
module private CertifiedJets =
    let private first (x: Ival) = Jet2(x, one, zero)
    let private still (x: Ival) = Jet2(x, zero, zero)

    let at (loss: ILoss) (label: Ival) (score: Ival) : Jet2<Ival> = loss.Eval(still label, first score)

    /// Derivatives 0 to 2 at a point, 3 too if asked.
    let private centre (loss: ILoss) third (label: Ival) (score: Ival) =
        let y = Ival.Point label.Middle
        let z = Ival.Point score.Middle

        if third then
            let j = loss.Eval(Dual(still y, still zero), Dual(first z, still one))
            [| j.P.P; j.P.D; j.P.H; j.D.H |]
        else
            let j = at loss y z
            [| j.P; j.D; j.H |]

    let private plain (value: Ival) =
        {
            Value = value
            ByLabel = Ival.Whole
            ByScore = Ival.Whole
        }

    /// Naive enclosures cut with the mean value form, as far as the derivatives are declared continuous.
    let private onBox (loss: ILoss) continuity third (label: Ival) (score: Ival) : CertifiedForm[] =
        let flat = label.Lo = label.Hi

        let naive, byScore, byLabel =
            if third then
                let along =
                    loss.Eval(
                        Dual(Dual(still label, still zero), Dual(still zero, still zero)),
                        Dual(Dual(first score, still one), Dual(still one, still zero))
                    )

                let p = along.P.P
                let d = along.D.D

                let across =
                    if flat then
                        [| zero; zero; zero; zero |]
                    else
                        let a =
                            loss.Eval(
                                Dual(Dual(still label, still zero), Dual(still one, still zero)),
                                Dual(Dual(first score, still one), Dual(still zero, still zero))
                            )

                        [| a.D.P.P; a.D.P.D; a.D.P.H; a.D.D.H |]

                [| p.P; p.D; p.H; d.D |], [| p.D; p.H; d.D; d.H |], across
            else
                let along = loss.Eval(Dual(still label, still zero), Dual(first score, still one))

                let across =
                    if flat then
                        [| zero; zero; zero |]
                    else
                        let a = loss.Eval(Dual(still label, still one), Dual(first score, still zero))
                        [| a.D.P; a.D.D; a.D.H |]

                [| along.P.P; along.P.D; along.P.H |], [| along.P.D; along.P.H; along.D.H |], across

        let centre = centre loss third label score
        let dy = sub label (Ival.Point label.Middle)
        let dz = sub score (Ival.Point score.Middle)

        Array.init naive.Length (fun i ->
            // a function with kinks of its own has no partial derivative to rely on, but it is continuous: its mean value form holds with the hull of slopes
            if i <= continuity then
                let mean = add centre[i] (add (mul byLabel[i] dy) (mul byScore[i] dz))

                {
                    Value = Ival.Intersect(naive[i], mean)
                    ByLabel = byLabel[i]
                    ByScore = byScore[i]
                }
            else
                plain naive[i])

    let forms loss continuity third (label: Ival) (score: Ival) =
        if label.Lo = label.Hi && score.Lo = score.Hi then
            Array.map plain (centre loss third label score)
        else
            onBox loss continuity third label score

    /// The enclosure of one derivative, 0 to 2.
    let form loss continuity order label score =
        (forms loss continuity false label score)[order]

/// Best-first branch and bound.
module private BranchAndBound =
    let tolerance (options: CertifyOptions) low high =
        let size = min (abs low) (abs high)

        max
            options.Width
            (if Double.IsFinite size then
                 options.Relative * size
             else
                 0.0)

    let halves (x: Ival) =
        let m = x.Middle
        struct (Ival(x.Lo, m), Ival(m, x.Hi))

    let splittable (x: Ival) = x.Lo < x.Middle && x.Middle < x.Hi

    /// inf over the box of a function given by enclosures on boxes.
    let infimum
        (options: CertifyOptions)
        (enclose: Ival -> Ival -> CertifiedForm)
        (label: Ival)
        (score: Ival)
        : Enclosure =
        let queue = PriorityQueue<struct (Ival * Ival * CertifiedForm), float>()
        let mutable upper = Double.PositiveInfinity
        let mutable boxes = 0

        let visit (y: Ival) (z: Ival) =
            boxes <- boxes + 1
            let form = enclose y z

            // where a partial derivative has one sign the infimum is on a side
            let side (x: Ival) (slope: Ival) =
                if x.Lo = x.Hi then x
                elif slope.Lo >= 0.0 then Ival.Point x.Lo
                elif slope.Hi <= 0.0 then Ival.Point x.Hi
                else x

            let y' = side y form.ByLabel
            let z' = side z form.ByScore
            let moved = y'.Width < y.Width || z'.Width < z.Width
            let form' = if moved then enclose y' z' else form

            let value =
                if moved then
                    Ival.Intersect(form'.Value, form.Value)
                else
                    form.Value
            // the infimum over the side is that over the box
            let low = Math.Max(form.Value.Lo, value.Lo)

            let point =
                if y'.Width = 0.0 && z'.Width = 0.0 then
                    form'.Value.Hi
                else
                    (enclose (Ival.Point y'.Middle) (Ival.Point z'.Middle)).Value.Hi

            upper <- Math.Min(upper, point)

            if low <= upper then
                queue.Enqueue(struct (y', z', { form' with Value = value }), low)

        visit label score
        let mutable result = ValueNone

        while result.IsNone do
            let mutable low = upper
            let mutable node = Unchecked.defaultof<struct (Ival * Ival * CertifiedForm)>

            if not (queue.TryPeek(&node, &low)) then
                low <- upper

            let low = Math.Min(low, upper)
            let reached = upper - low <= tolerance options low upper || low = upper

            if reached || boxes >= options.Boxes then
                result <-
                    ValueSome
                        {
                            Low = low
                            High = upper
                            Converged = reached
                            Boxes = boxes
                        }
            else
                let struct (y, z, form) = queue.Dequeue()

                let smear (x: Ival) (slope: Ival) =
                    if not (splittable x) then
                        -1.0
                    else
                        let s = slope.Magnitude
                        if Double.IsFinite s then s * x.Width else Double.NaN

                let sy = smear y form.ByLabel
                let sz = smear z form.ByScore

                if sy < 0.0 && sz < 0.0 then
                    // no double lies inside any more
                    result <-
                        ValueSome
                            {
                                Low = low
                                High = upper
                                Converged = false
                                Boxes = boxes
                            }
                else
                    let relative (x: Ival) (root: Ival) =
                        if splittable x then x.Width / root.Width else -1.0

                    let byLabel =
                        if Double.IsNaN sy || Double.IsNaN sz || sy = sz then
                            relative y label > relative z score
                        else
                            sy > sz

                    if byLabel then
                        let struct (a, b) = halves y
                        visit a z
                        visit b z
                    else
                        let struct (a, b) = halves z
                        visit y a
                        visit y b

        result.Value

    let private negated (enclose: Ival -> Ival -> CertifiedForm) y z =
        let f = enclose y z

        {
            Value = neg f.Value
            ByLabel = neg f.ByLabel
            ByScore = neg f.ByScore
        }

    let flip (e: Enclosure) = { e with Low = -e.High; High = -e.Low }

    let supremum options enclose label score =
        infimum options (negated enclose) label score |> flip

    let private merge choose (a: Enclosure) (b: Enclosure) =
        {
            Low = choose a.Low b.Low
            High = choose a.High b.High
            Converged = a.Converged && b.Converged
            Boxes = a.Boxes + b.Boxes
        }

    let larger a b = merge max a b
    let smaller a b = merge min a b

/// The two constants of growth about the minimiser.
module private CertifiedGrowth =
    let private closure = 1e-10

    /// Encloses every minimiser over `domain` for a label of `label`, searching in `start`, which is known to hold them.
    let minimiser (loss: ILoss) continuity (domain: Ival) (label: Ival) (start: Ival) : Ival =
        let samples = 16

        let least =
            seq {
                for i in 0..samples do
                    let t = float i / float samples
                    let z = Math.Clamp(start.Lo + t * (start.Hi - start.Lo), start.Lo, start.Hi)
                    (CertifiedJets.form loss continuity 0 label (Ival.Point z)).Value.Hi
            }
            |> Seq.min

        /// What a part leaves: nothing, one end of the domain, or itself.
        let remains (part: Ival) =
            let f = CertifiedJets.forms loss continuity false label part
            let slope = f[1].Value

            if f[0].Value.Lo > least then
                ValueNone
            elif continuity < 0 then
                ValueSome part
            elif slope.Lo > 0.0 then
                if part.Lo = domain.Lo then
                    ValueSome(Ival.Point domain.Lo)
                else
                    ValueNone
            elif slope.Hi < 0.0 then
                if part.Hi = domain.Hi then
                    ValueSome(Ival.Point domain.Hi)
                else
                    ValueNone
            else
                ValueSome part

        /// The first end that remains, from the left or from the right.
        let rec first fromLeft (part: Ival) : float voption =
            match remains part with
            | ValueNone -> ValueNone
            | ValueSome rest ->
                let outer (x: Ival) = if fromLeft then x.Lo else x.Hi
                let narrow = rest.Width <= closure * Math.Max(1.0, rest.Magnitude)

                if narrow then
                    ValueSome(outer rest)
                else
                    let m = rest.Middle
                    let left = Ival(rest.Lo, m)
                    let right = Ival(m, rest.Hi)
                    let near, far = if fromLeft then left, right else right, left

                    match first fromLeft near with
                    | ValueSome x -> ValueSome x
                    | ValueNone -> first fromLeft far

        match first true start with
        | ValueSome lo ->
            match first false start with
            | ValueSome hi when lo <= hi -> Ival(lo, hi)
            | _ -> start
        | ValueNone -> start

    [<Struct; NoComparison; NoEquality>]
    type private GrowthNode =
        {
            Label: Ival
            Score: Ival
            Minimiser: Ival
        }

    let infimum (options: CertifyOptions) (loss: ILoss) (polyak: bool) (label: Ival) (domain: Ival) : Enclosure =
        let meta = loss.Metadata
        let continuity = meta.Continuity
        let forms = CertifiedJets.forms loss continuity false
        let form = CertifiedJets.form loss continuity
        // below a jump upward of the slope the loss grows faster, not slower
        let curved = continuity >= 1 || meta.Convex
        let known = Dictionary<struct (float * float), Ival>()

        let minimiserAt (y: Ival) start =
            match known.TryGetValue(struct (y.Lo, y.Hi)) with
            | true, z -> z
            | _ ->
                let z = minimiser loss continuity domain y start
                known[struct (y.Lo, y.Hi)] <- z
                z

        /// l(y, z) - l*(y): not negative.
        let excess (y: Ival) (z: CertifiedForm) (best: CertifiedForm) (zm: Ival) (bm: Ival) =
            let direct = sub z.Value best.Value

            let mean =
                if y.Lo = y.Hi || continuity < 0 then
                    direct
                else
                    let m = Ival.Point y.Middle
                    let centre = sub (form 0 m zm).Value (form 0 m bm).Value
                    add centre (mul (sub z.ByLabel best.ByLabel) (sub y m))

            let e = Ival.Intersect(direct, mean)
            Ival(Math.Max(e.Lo, 0.0), Math.Max(e.Hi, 0.0))

        let ratio (y: Ival) (z: Ival) (best: Ival) =
            let at = forms y z
            let over = excess y at[0] (form 0 y best) z best

            if polyak then
                let half = mul (point 0.5) (sqr at[1].Value)

                if over.Hi = 0.0 then
                    Ival(0.0, Double.PositiveInfinity)
                else
                    div half over
            else
                let distance = sqr (sub z best)

                if distance.Hi = 0.0 then
                    Ival(0.0, Double.PositiveInfinity)
                else
                    div (mul (point 2.0) over) distance

        let queue = PriorityQueue<GrowthNode, float>()
        let mutable upper = Double.PositiveInfinity
        let mutable boxes = 0

        let visit (y: Ival) (z: Ival) (start: Ival) =
            boxes <- boxes + 1
            let best = minimiserAt y start

            let curvature =
                if curved then
                    (form 2 y (Ival.Hull(z, best))).Value.Lo
                else
                    0.0

            let low = Math.Max(0.0, Math.Max(curvature, (ratio y z best).Lo))
            // from above at a label and a score, and in the limit at the label's minimiser
            let ym = Ival.Point y.Middle
            let zm = Ival.Point z.Middle
            let here = minimiserAt ym best
            upper <- Math.Min(upper, (ratio ym zm here).Hi)

            if continuity >= 2 && here.Lo > domain.Lo && here.Hi < domain.Hi then
                upper <- Math.Min(upper, Math.Max(0.0, (form 2 ym here).Value.Hi))

            if low <= upper then
                queue.Enqueue(
                    {
                        Label = y
                        Score = z
                        Minimiser = best
                    },
                    low
                )

        visit label domain domain
        let mutable result = ValueNone

        while result.IsNone do
            let mutable low = upper
            let mutable node = Unchecked.defaultof<GrowthNode>

            if not (queue.TryPeek(&node, &low)) then
                low <- upper

            let low = Math.Min(low, upper)
            let reached = low = upper || upper - low <= BranchAndBound.tolerance options low upper
            let splitLabel = BranchAndBound.splittable node.Label
            let splitScore = BranchAndBound.splittable node.Score

            if reached || boxes >= options.Boxes || not (splitLabel || splitScore) then
                result <-
                    ValueSome
                        {
                            Low = low
                            High = upper
                            Converged = reached
                            Boxes = boxes
                        }
            else
                let n = queue.Dequeue()

                let byLabel =
                    splitLabel && (not splitScore || n.Label.Width / label.Width >= n.Score.Width / domain.Width)

                if byLabel then
                    let struct (a, b) = BranchAndBound.halves n.Label
                    visit a n.Score n.Minimiser
                    visit b n.Score n.Minimiser
                else
                    let struct (a, b) = BranchAndBound.halves n.Score
                    visit n.Label a n.Minimiser
                    visit n.Label b n.Minimiser

        result.Value

[<RequireQualifiedAccess>]
module Certify =
    let private checkInside argument (domain: Domain) (x: Ival) =
        if Double.IsFinite x.Lo && Double.IsFinite x.Hi && domain.Low <= x.Lo && x.Hi <= domain.High then
            Ok()
        else
            Error(HindsightError.OutOfRange(argument, string x, $"a finite interval within {domain}"))

    /// The boxes to look at: the labels of two ends that the box holds, or the box itself.
    let private boxes (loss: ILoss) (label: Ival) (score: Ival) =
        result {
            let meta = loss.Metadata
            do! checkInside "label" meta.Label label
            do! checkInside "score" meta.Score score

            if meta.Label.EndsOnly then
                let ends = [| meta.Label.Low; meta.Label.High |] |> Array.filter label.Contains

                if ends.Length = 0 then
                    return!
                        Error(
                            HindsightError.OutOfRange(
                                "label",
                                string label,
                                $"an interval that holds a label of {meta.Label}"
                            )
                        )
                else
                    return ends |> Array.map (fun y -> struct (Ival.Point y, score))
            else
                return [| struct (label, score) |]
        }

    /// A loss of the difference of score and label is one of the difference alone: the derivative along (1, 1) is then 0 exactly, over intervals too,
    /// and the box shrinks to one label with the same differences.
    let private differences (loss: ILoss) (struct (label: Ival, score: Ival)) =
        let along = loss.Eval(Dual(label, one), Dual(score, one)).D

        if label.Width > 0.0 && along.Magnitude = 0.0 then
            let y = Ival.Point label.Middle
            struct (y, add (sub score label) y)
        else
            struct (label, score)

    let private over merge search (loss: ILoss) label score =
        boxes loss label score
        |> Result.map (Array.map (fun (struct (y, z)) -> search y z) >> Array.reduce merge)

    /// The same for what depends on no more than the loss at a label and a score.
    let private reduced merge search loss label score =
        over
            merge
            (fun y z ->
                let struct (y, z) = differences loss (struct (y, z))
                search y z)
            loss
            label
            score

    let private derivative (loss: ILoss) order y z =
        CertifiedJets.form loss loss.Metadata.Continuity order y z

    let private least options enclose loss =
        reduced BranchAndBound.smaller (BranchAndBound.infimum options enclose) loss

    let private most options enclose loss =
        reduced BranchAndBound.larger (BranchAndBound.supremum options enclose) loss

    /// sup |f| is the larger of sup f and -inf f.
    let private largest options enclose loss label score =
        result {
            let! high = most options enclose loss label score
            let! low = least options enclose loss label score
            return BranchAndBound.larger high (BranchAndBound.flip low)
        }

    let private refuse (loss: ILoss) why =
        Error(HindsightError.Incompatible $"{loss.Metadata.Name}: {why}")

    let private jumps = "its derivative jumps (declared continuity 0)"

    let infimum options (loss: ILoss) label score =
        least options (derivative loss 0) loss label score

    let supremum options (loss: ILoss) label score =
        most options (derivative loss 0) loss label score

    let lipschitz options (loss: ILoss) label score =
        if loss.Metadata.Continuity < 0 then
            refuse loss "it jumps (declared continuity below 0)"
        else
            largest options (derivative loss 1) loss label score

    let smoothness options (loss: ILoss) label score =
        if loss.Metadata.Continuity < 1 then
            refuse loss jumps
        else
            largest options (derivative loss 2) loss label score

    let strongConvexity options (loss: ILoss) label score =
        let meta = loss.Metadata

        if meta.Continuity >= 1 || (meta.Continuity = 0 && meta.Convex) then
            least options (derivative loss 2) loss label score
        else
            refuse loss $"{jumps} and it is not convex"

    let expConcavity options (loss: ILoss) label score =
        let continuity = loss.Metadata.Continuity

        let enclose y z =
            let f = CertifiedJets.forms loss continuity false y z
            let d = f[1]
            let h = f[2]
            let square = sqr d.Value

            let value =
                if square.Lo > 0.0 then
                    div h.Value square
                elif h.Value.Lo >= 0.0 then
                    // where the slope is 0 nothing is asked of a curvature that is not negative
                    let low =
                        if square.Hi = 0.0 then
                            Double.MaxValue
                        else
                            (div (Ival.Point h.Value.Lo) (Ival.Point square.Hi)).Lo

                    Ival(low, Double.PositiveInfinity)
                else
                    Ival.Whole

            let slope (dh: Ival) (dd: Ival) =
                if square.Lo > 0.0 then
                    div (sub (mul dh d.Value) (mul (point 2.0) (mul h.Value dd))) (mul square d.Value)
                else
                    Ival.Whole

            {
                Value = value
                ByLabel = slope h.ByLabel d.ByLabel
                ByScore = slope h.ByScore d.ByScore
            }

        if continuity >= 1 || (continuity = 0 && loss.Metadata.Convex) then
            least options enclose loss label score
        else
            refuse loss $"{jumps} and it is not convex"

    let selfConcordance options (loss: ILoss) label score =
        let enclose y z =
            let f = CertifiedJets.forms loss loss.Metadata.Continuity true y z
            let h = f[2]
            let t = f[3]

            if h.Value.Lo > 0.0 then
                let power = pow h.Value 1.5

                let slope (dt: Ival) (dh: Ival) =
                    div (sub dt (mul (point 1.5) (div (mul t.Value dh) h.Value))) power

                {
                    Value = div t.Value power
                    ByLabel = slope t.ByLabel h.ByLabel
                    ByScore = slope t.ByScore h.ByScore
                }
            else
                {
                    Value = Ival.Whole
                    ByLabel = Ival.Whole
                    ByScore = Ival.Whole
                }

        result {
            if loss.Metadata.Continuity < 2 then
                return! refuse loss "its second derivative jumps"
            else
                let! convexity = strongConvexity options loss label score

                if convexity.Low > 0.0 then
                    return! largest options enclose loss label score
                else
                    return! refuse loss "its second derivative is not bounded away from 0 here"
        }

    let private growth polyak options (loss: ILoss) label score =
        if loss.Metadata.Continuity < 0 then
            refuse loss "it jumps (declared continuity below 0)"
        else
            over BranchAndBound.smaller (fun y z -> CertifiedGrowth.infimum options loss polyak y z) loss label score
            |> Result.bind (fun e ->
                if Double.IsFinite e.High then
                    Ok e
                else
                    refuse loss "no score of the box is above the least value for certain")

    let polyakLojasiewicz options loss label score = growth true options loss label score
    let quadraticGrowth options loss label score = growth false options loss label score

    let minimiser (loss: ILoss) label score =
        boxes loss label score
        |> Result.map (
            Array.map (fun (struct (y, z)) -> CertifiedGrowth.minimiser loss loss.Metadata.Continuity z y z)
            >> Array.reduce (fun a b -> Ival.Hull(a, b))
        )

    let certificate options (loss: ILoss) label score =
        result {
            let! low = infimum options loss label score
            let! high = supremum options loss label score
            let notes = List<string>()

            let optional name (value: Result<Enclosure, HindsightError>) =
                match value with
                | Ok e -> Nullable e
                | Error error ->
                    notes.Add $"{name}: {error.Message}"
                    Nullable()

            let lipschitz = lipschitz options loss label score |> optional "Lipschitz"
            let smoothness = smoothness options loss label score |> optional "smoothness"
            let convexity = strongConvexity options loss label score |> optional "strong convexity"
            let concavity = expConcavity options loss label score |> optional "exp-concavity"
            let concordance = selfConcordance options loss label score |> optional "self-concordance"
            let polyak = polyakLojasiewicz options loss label score |> optional "Polyak-Lojasiewicz"
            let growth = quadraticGrowth options loss label score |> optional "quadratic growth"

            notes.Add
                "Enclosures rest on the stated error budget of the base library's functions and on the declared continuity."

            return
                {
                    Certificate.Name = loss.Metadata.Name
                    Label = label
                    Score = score
                    Infimum = low
                    Supremum = high
                    Lipschitz = lipschitz
                    Smoothness = smoothness
                    StrongConvexity = convexity
                    ExpConcavity = concavity
                    SelfConcordance = concordance
                    PolyakLojasiewicz = polyak
                    QuadraticGrowth = growth
                    Notes = notes.ToArray()
                }
        }
