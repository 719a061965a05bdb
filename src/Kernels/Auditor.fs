namespace Hindsight

open System
open System.Globalization

[<Struct; NoComparison>]
type Counterexample =
    {
        Label: float
        Points: float[][]
        Found: float
        Allowed: float
        AtLeast: bool
    }

    override c.ToString() =
        let number (x: float) =
            x.ToString("R", CultureInfo.InvariantCulture)

        let point (p: float[]) =
            match p with
            | [| x |] -> number x
            | _ -> $"""({p |> Array.map number |> String.concat ", "})"""

        let points = c.Points |> Array.map point |> String.concat " and "
        let limit = if c.AtLeast then "least" else "most"
        $"label {number c.Label}, at {points}: {number c.Found} where at {limit} {number c.Allowed} is allowed"

[<NoComparison>]
type AuditFinding =
    {
        Property: string
        Holds: bool
        Detail: string
        Counterexample: Nullable<Counterexample>
        Cases: int
    }

[<NoComparison>]
type AuditReport =
    {
        Loss: string
        Seed: uint64
        Findings: AuditFinding[]
    }

    member r.Holds = r.Findings |> Array.forall _.Holds
    member r.Failures = r.Findings |> Array.filter (fun f -> not f.Holds)

    override r.ToString() =
        let line f =
            let verdict =
                if not f.Holds then "FAILS"
                elif f.Cases = 0 then "not tested"
                else $"not refuted in {f.Cases} cases"

            let where =
                if f.Counterexample.HasValue then
                    $"; {f.Counterexample.Value}"
                else
                    ""

            $"  {f.Property}: {verdict} ({f.Detail}{where})"

        let head = $"{r.Loss}, seed {r.Seed}"
        Array.append [| head |] (Array.map line r.Findings) |> String.concat "\n"

namespace Hindsight.FSharp

open System
open Hindsight

/// Arithmetic of any scalar by name.
module internal AnyScalar =
    let line<'T when 'T :> IReal<'T> and 'T: struct> (start: float) (direction: float) (t: 'T) : 'T =
        Ops.(+) ('T.Const start) (Ops.(*) ('T.Const direction) t)

    let logit<'T when 'T :> IReal<'T> and 'T: struct> (p: 'T) : 'T =
        Ops.(-) ('T.Log p) ('T.Log1p(Ops.(~-) p))

    let log<'T when 'T :> IReal<'T> and 'T: struct> (p: 'T) : 'T = 'T.Log p

    /// The link: the score of a mean.
    let score<'T when 'T :> IReal<'T> and 'T: struct> (link: Link) (mean: 'T) : 'T =
        match link with
        | Link.Logit -> logit mean
        | Link.Log -> log mean
        | _ -> mean

/// A line through the scores of one label, two points of it and a weight.
[<NoComparison>]
type internal AuditCase =
    {
        Label: float
        Start: float[]
        Direction: float[]
        U: float
        V: float
        Weight: float
    }

/// A loss along a line, for losses of one score and of many.
[<AbstractClass>]
type internal AuditSubject(metadata: LossMetadata) =
    member _.Metadata = metadata
    /// The loss at the point t of the line.
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : case: AuditCase * t: 'T -> 'T
    /// The loss at the mean t, or at the point t between two distributions.
    abstract EvalMean<'T when 'T :> IReal<'T> and 'T: struct> : case: AuditCase * t: 'T -> 'T
    abstract Point: case: AuditCase * t: float -> float[]
    abstract MeanPoint: case: AuditCase * t: float -> float[]
    abstract Draw: rng: RandomStream -> AuditCase
    abstract DrawMean: rng: RandomStream -> AuditCase
    abstract Valid: case: AuditCase -> bool
    abstract ValidMean: case: AuditCase -> bool
    /// The numbers that climbing and shrinking change, and a case with other ones.
    abstract Numbers: case: AuditCase -> float[]
    abstract WithNumbers: case: AuditCase * numbers: float[] -> AuditCase

module internal AuditSampling =
    let pick (rng: RandomStream) (items: 'A[]) = items[rng.NextInt items.Length]

    let uniform (rng: RandomStream) low high = low + (high - low) * rng.NextDouble()

    let magnitude (rng: RandomStream) low high =
        (if rng.NextInt 2 = 0 then 1.0 else -1.0) * 10.0 ** uniform rng low high

    /// A real number of any usual size.
    let real (rng: RandomStream) =
        match rng.NextInt 12 with
        | 0 -> 0.0
        | 1
        | 2
        | 3 -> rng.NextNormal()
        | 4
        | 5 -> magnitude rng 1.0 3.0
        | 6 -> float (rng.NextInt 9 - 4)
        | _ -> magnitude rng -3.0 1.0

    /// A number of a domain, ends included where they belong to it, and numbers close to them.
    let inside (rng: RandomStream) (d: Domain) =
        if d.EndsOnly then
            pick rng [| d.Low; d.High |]
        else
            let near () = 2.0 ** -(uniform rng 1.0 40.0)

            let draw () =
                match Double.IsFinite d.Low, Double.IsFinite d.High with
                | true, true ->
                    match rng.NextInt 8 with
                    | 0 -> d.Low
                    | 1 -> d.High
                    | 2 -> d.Low + near () * (d.High - d.Low)
                    | 3 -> d.High - near () * (d.High - d.Low)
                    | _ -> uniform rng d.Low d.High
                | true, false ->
                    match rng.NextInt 8 with
                    | 0 -> d.Low
                    | 1 -> d.Low + near ()
                    | _ -> d.Low + abs (real rng)
                | false, true ->
                    match rng.NextInt 8 with
                    | 0 -> d.High
                    | 1 -> d.High - near ()
                    | _ -> d.High - abs (real rng)
                | false, false -> real rng

            let rec go tries =
                let x = draw ()

                if d.Contains x || tries = 0 then x else go (tries - 1)

            go 30

    /// A second number: near the first, at any scale, or anywhere.
    let second (rng: RandomStream) (anywhere: unit -> float) (x: float) =
        match rng.NextInt 3 with
        | 0 -> anywhere ()
        | 1 -> x + magnitude rng -1.0 1.0
        | _ -> x + magnitude rng -6.0 -1.0 * Math.Max(1.0, abs x)

    let weight (rng: RandomStream) =
        if rng.NextInt 3 = 0 then 0.5 else rng.NextDouble()

    let mean (rng: RandomStream) =
        match rng.NextInt 6 with
        | 0 -> 2.0 ** -(uniform rng 1.0 30.0)
        | 1 -> 1.0 - 2.0 ** -(uniform rng 1.0 30.0)
        | _ -> uniform rng 0.0 1.0

/// A loss of one score: the line is the score itself.
[<Sealed>]
type internal ScalarAuditSubject(loss: ILoss) =
    inherit AuditSubject(loss.Metadata)
    let meta = loss.Metadata

    override _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(case, t: 'T) : 'T = loss.Eval('T.Const case.Label, t)

    override _.EvalMean<'T when 'T :> IReal<'T> and 'T: struct>(case, t: 'T) : 'T =
        loss.Eval('T.Const case.Label, AnyScalar.score meta.Link t)

    override _.Point(_, t) = [| t |]
    override _.MeanPoint(_, t) = [| t |]

    override _.Draw rng =
        let label = AuditSampling.inside rng meta.Label

        let anywhere () =
            match rng.NextInt 5 with
            | 0 -> label
            | 1 -> label + AuditSampling.magnitude rng -4.0 1.0
            | _ -> AuditSampling.inside rng meta.Score

        let u = anywhere ()

        {
            Label = label
            Start = [||]
            Direction = [||]
            U = u
            V = AuditSampling.second rng anywhere u
            Weight = AuditSampling.weight rng
        }

    override _.DrawMean rng =
        {
            Label =
                (if rng.NextInt 3 = 0 then
                     rng.NextDouble()
                 else
                     float (rng.NextInt 2))
            Start = [||]
            Direction = [||]
            U = AuditSampling.mean rng
            V = AuditSampling.mean rng
            Weight = AuditSampling.weight rng
        }
        |> fun c ->
            if meta.Label.EndsOnly then
                { c with
                    Label = AuditSampling.inside rng meta.Label
                }
            else
                c

    override _.Valid c =
        meta.Label.Contains c.Label && meta.Score.Contains c.U && meta.Score.Contains c.V

    override _.ValidMean c =
        let inner x =
            x > 0.0 && x < 1.0 && (meta.Link <> Link.Identity || meta.Score.Contains x)

        meta.Label.Contains c.Label
        && (meta.Label.EndsOnly || (c.Label >= 0.0 && c.Label <= 1.0))
        && inner c.U
        && inner c.V

    override _.Numbers c =
        Array.concat [| [| c.Label; c.U; c.V; c.Weight |]; c.Start; c.Direction |]

    override _.WithNumbers(c, x) =
        { c with
            Label = x[0]
            U = x[1]
            V = x[2]
            Weight = x[3]
            Start = x[4 .. 3 + c.Start.Length]
            Direction = x[4 + c.Start.Length ..]
        }

/// A loss of class scores along a line of scores.
[<Sealed>]
type internal ClassAuditSubject(loss: IMulticlassLoss) =
    inherit AuditSubject(loss.Metadata)
    let meta = loss.Metadata

    /// The softmax in multiples of 2^-30, none 0, so that entries sum to 1 and differences to 0 exactly.
    let softmax (z: float[]) =
        let top = Array.max z
        let e = z |> Array.map (fun x -> Math.Exp(x - top))
        let sum = Array.sum e
        let scale = 2.0 ** 30.0
        let p = e |> Array.map (fun x -> Math.Max(1.0, Math.Floor(scale * (x / sum))))
        let best = Array.IndexOf(z, top)
        p[best] <- p[best] + (scale - Array.sum p)
        p |> Array.map (fun x -> x / scale)

    let draw (rng: RandomStream) =
        let n = 2 + rng.NextInt 4
        let size = 10.0 ** AuditSampling.uniform rng -1.0 1.0

        let start =
            match rng.NextInt 5 with
            | 0 -> Array.init n (fun _ -> AuditSampling.inside rng meta.Score)
            | 1 -> Array.zeroCreate n
            | _ -> Array.init n (fun _ -> size * rng.NextNormal())

        let direction =
            match rng.NextInt 3 with
            | 0 ->
                let d = Array.zeroCreate n
                d[rng.NextInt n] <- 1.0
                d
            | 1 ->
                let d = Array.zeroCreate n
                let i = rng.NextInt n
                d[i] <- 1.0
                d[(i + 1 + rng.NextInt(n - 1)) % n] <- -1.0
                d
            | _ -> Array.init n (fun _ -> rng.NextNormal())

        let anywhere () =
            if rng.NextInt 4 = 0 then 0.0 else AuditSampling.real rng

        let u = anywhere ()

        {
            Label = float (rng.NextInt n)
            Start = start
            Direction = direction
            U = u
            V = AuditSampling.second rng anywhere u
            Weight = AuditSampling.weight rng
        }

    override _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(case, t: 'T) : 'T =
        let z = Array.init case.Start.Length (fun i -> AnyScalar.line case.Start[i] case.Direction[i] t)
        loss.Eval(int case.Label, ReadOnlySpan z)

    override _.EvalMean<'T when 'T :> IReal<'T> and 'T: struct>(case, t: 'T) : 'T =
        let p = softmax case.Start
        let q = softmax case.Direction
        let z = Array.init p.Length (fun i -> AnyScalar.log (AnyScalar.line p[i] (q[i] - p[i]) t))
        loss.Eval(int case.Label, ReadOnlySpan z)

    override _.Point(c, t) =
        Array.map2 (fun z d -> z + t * d) c.Start c.Direction

    override _.MeanPoint(c, t) =
        Array.map2 (fun p q -> p + t * (q - p)) (softmax c.Start) (softmax c.Direction)

    override _.Draw rng = draw rng

    override _.DrawMean rng =
        { draw rng with
            U = rng.NextDouble()
            V = rng.NextDouble()
        }

    override this.Valid c =
        let inside t =
            this.Point(c, t) |> Array.forall meta.Score.Contains

        Array.exists ((<>) 0.0) c.Direction
        && c.Label >= 0.0
        && c.Label < float c.Start.Length
        && c.Label = Math.Floor c.Label
        && inside c.U
        && inside c.V

    override _.ValidMean c =
        c.U >= 0.0
        && c.U <= 1.0
        && c.V >= 0.0
        && c.V <= 1.0
        && c.Label >= 0.0
        && c.Label < float c.Start.Length
        && c.Label = Math.Floor c.Label

    override _.Numbers c =
        Array.concat [| [| c.U; c.V; c.Weight |]; c.Start; c.Direction |]

    override _.WithNumbers(c, x) =
        let n = c.Start.Length

        { c with
            U = x[0]
            V = x[1]
            Weight = x[2]
            Start = x[3 .. 2 + n]
            Direction = x[3 + n .. 2 + 2 * n]
        }

/// One property: how a case is drawn and prepared, and what is found against what is allowed.
[<NoComparison; NoEquality>]
type internal AuditProperty =
    {
        Name: string
        Says: string
        Valid: AuditCase -> bool
        /// What the counterexample shows of a case.
        Points: AuditCase -> float[][]
        Draw: RandomStream -> AuditCase
        Prepare: AuditCase -> AuditCase
        /// Both numbers of the probe are negated for people.
        AtLeast: bool
        /// Found, allowed: a violation if found is not at most allowed.
        Probe: AuditCase -> struct (float * float)
    }

module internal AuditSearch =
    /// -1 .. 1, positive for a violation: how far found is beyond allowed.
    let private excess (struct (found: float, allowed: float)) =
        if Double.IsNaN found || Double.IsNaN allowed then
            1.0
        elif found <= allowed then
            if Double.IsInfinity found || Double.IsInfinity allowed then
                -1.0
            else
                let size = abs found + abs allowed
                if size = 0.0 then 0.0 else (found - allowed) / size
        elif Double.IsInfinity found || Double.IsInfinity allowed then
            1.0
        else
            (found - allowed) / (abs found + abs allowed)

    let private length (x: float) =
        if x = 0.0 then
            0
        else
            x.ToString("R", Globalization.CultureInfo.InvariantCulture).Length

    /// Shorter numbers near x.
    let private simpler (x: float) =
        [|
            0.0
            1.0
            -1.0
            0.5
            2.0
            for digits in 0..6 do
                Math.Round(x, digits)
            for digits in 1..4 do
                let scale = 10.0 ** (Math.Floor(Math.Log10(Math.Max(abs x, 1e-300))) + 1.0 - float digits)

                if Double.IsFinite(x / scale) then
                    Double.Parse(
                        (Math.Round(x / scale) * scale).ToString("G6", Globalization.CultureInfo.InvariantCulture),
                        Globalization.CultureInfo.InvariantCulture
                    )
            x / 2.0
        |]

    let private shrink (subject: AuditSubject) valid (probe: AuditCase -> struct (float * float)) (case: AuditCase) =
        let rec pass (case: AuditCase) rounds =
            let mutable best = case
            let mutable progress = false
            let count = (subject.Numbers case).Length

            for i in 0 .. count - 1 do
                let numbers = subject.Numbers best

                let shorter =
                    simpler numbers[i]
                    |> Array.filter (fun x -> length x < length numbers[i])
                    |> Array.sortBy length
                    |> Array.tryFind (fun x ->
                        let c = subject.WithNumbers(best, Array.mapi (fun j v -> if j = i then x else v) numbers)
                        valid c && excess (probe c) > 0.0)

                match shorter with
                | Some x ->
                    best <- subject.WithNumbers(best, Array.mapi (fun j v -> if j = i then x else v) numbers)
                    progress <- true
                | None -> ()

            if progress && rounds > 0 then
                pass best (rounds - 1)
            else
                best

        pass case 20

    /// Random search, hill climbing from the closest calls, and shrinking of what is found.
    let run (subject: AuditSubject) (rng: RandomStream) cases (property: AuditProperty) : AuditFinding =
        let valid = property.Valid
        let mutable tried = 0
        let mutable best = ValueNone
        let mutable worst = Double.NegativeInfinity

        let consider case =
            let e = excess (property.Probe case)
            tried <- tried + 1

            if e > worst then
                worst <- e
                best <- ValueSome case

        let mutable draws = 0

        while worst <= 0.0 && tried < cases && draws < 10 * cases do
            draws <- draws + 1
            let case = property.Draw rng

            if valid case then
                let prepared = property.Prepare case

                if valid prepared then
                    consider prepared

        let mutable climbs = 0

        while worst <= 0.0 && best.IsSome && climbs < cases / 2 do
            climbs <- climbs + 1
            let numbers = subject.Numbers best.Value
            let i = rng.NextInt numbers.Length
            let step = AuditSampling.magnitude rng -8.0 0.5 * Math.Max(0.01, abs numbers[i])
            let moved = Array.mapi (fun j v -> if j = i then v + step else v) numbers
            let case = subject.WithNumbers(best.Value, moved)

            if case.Weight >= 0.0 && case.Weight <= 1.0 && valid case then
                consider case

        let shown (x: float) =
            if x = 0.0 then 0.0
            elif property.AtLeast then -x
            else x

        if worst > 0.0 then
            let small =
                shrink subject (fun c -> c.Weight >= 0.0 && c.Weight <= 1.0 && valid c) property.Probe best.Value

            let struct (found, allowed) = property.Probe small

            {
                Property = property.Name
                Holds = false
                Detail = property.Says
                Counterexample =
                    Nullable
                        {
                            Label = small.Label
                            Points = property.Points small
                            Found = shown found
                            Allowed = shown allowed
                            AtLeast = property.AtLeast
                        }
                Cases = tried
            }
        else
            let closest =
                match best with
                | ValueSome case ->
                    let struct (found, allowed) = property.Probe case

                    if Double.IsFinite found && Double.IsFinite allowed && (found <> 0.0 || allowed <> 0.0) then
                        let number (x: float) =
                            x.ToString("G6", Globalization.CultureInfo.InvariantCulture)

                        $"; closest call {number (shown found)} against {number (shown allowed)}"
                    else
                        ""
                | ValueNone -> ""

            {
                Property = property.Name
                Holds = true
                Detail = property.Says + closest
                Counterexample = Nullable()
                Cases = tried
            }

/// Aggregating predictions: is there a prediction no worse than the mixture's bound at every label?
module internal AuditMixing =
    let private scores link =
        match link with
        | Link.Logit -> Ival.Whole
        | Link.Log -> Ival(Double.NegativeInfinity, 0.0)
        | _ -> Ival(0.0, 1.0)

    let private search link =
        match link with
        | Link.Logit -> struct (-40.0, 40.0)
        | Link.Log -> struct (-40.0, 0.0)
        | _ -> struct (0.0, 1.0)

    /// Found and allowed at the label where the best prediction is worst.
    let probe (subject: AuditSubject) (rate: float) (labels: float[]) (case: AuditCase) : struct (float * float) =
        let total = Array.sum case.Direction

        let weights =
            case.Direction
            |> Array.map (fun w -> IntervalArithmetic.div (IntervalArithmetic.point w) (IntervalArithmetic.point total))

        let bound label =
            let at = { case with Label = label }

            let sum =
                Array.map2
                    (fun (w: Ival) p ->
                        let l: Ival = subject.EvalMean(at, IntervalArithmetic.point p)

                        IntervalArithmetic.mul
                            w
                            (IntervalArithmetic.exp (IntervalArithmetic.mul (IntervalArithmetic.point -rate) l)))
                    weights
                    case.Start
                |> Array.reduce IntervalArithmetic.add

            IntervalArithmetic.div (IntervalArithmetic.log sum) (IntervalArithmetic.point -rate)

        let bounds = labels |> Array.map bound

        let beyond (score: Ival) =
            Array.map2
                (fun label (g: Ival) ->
                    let l: Ival = subject.Eval({ case with Label = label }, score)
                    l.Lo - g.Hi)
                labels
                bounds
            |> Array.max

        // the best prediction by ternary search: the larger of an increasing and a decreasing function
        let struct (from, upto) = search subject.Metadata.Link
        let mutable a = from
        let mutable b = upto

        for _ in 1..100 do
            let l = a + (b - a) / 3.0
            let r = b - (b - a) / 3.0

            if beyond (IntervalArithmetic.point l) < beyond (IntervalArithmetic.point r) then
                b <- r
            else
                a <- l

        let near = beyond (IntervalArithmetic.point (0.5 * (a + b)))
        let size = bounds |> Array.map _.Magnitude |> Array.max

        if not (near > 0.0) then
            struct (size + near, size)
        else
            // every prediction must fail at some label
            let rec refuted (boxes: Ival list) budget least =
                match boxes with
                | [] -> least
                | _ when budget = 0 -> 0.0
                | box :: rest ->
                    let gap = beyond box
                    let m = box.Middle

                    if gap > 0.0 then
                        refuted rest (budget - 1) (min least gap)
                    elif not (beyond (IntervalArithmetic.point m) > 0.0) || not (box.Lo < m && m < box.Hi) then
                        0.0
                    else
                        refuted (Ival(box.Lo, m) :: Ival(m, box.Hi) :: rest) (budget - 1) least

            let gap = refuted [ scores subject.Metadata.Link ] 4_000 near
            struct (size + gap, size)

module internal AuditLaws =
    open IntervalArithmetic

    let private plain (subject: AuditSubject) name says (points: AuditCase -> float[]) probe =
        {
            Name = name
            Says = says
            Valid = subject.Valid
            Points = (fun c -> points c |> Array.map (fun t -> subject.Point(c, t)))
            Draw = subject.Draw
            Prepare = id
            AtLeast = false
            Probe = probe
        }

    /// The same for a property that asks for at least something: the probe gives what is found and what is needed.
    let private least (property: AuditProperty) =
        { property with
            AtLeast = true
            Probe =
                (fun c ->
                    let struct (found, needed) = property.Probe c
                    struct (-found, -needed))
        }

    let private first c = [| c.U |]
    let private both c = [| c.U; c.V |]

    let private norm (c: AuditCase) =
        if c.Direction.Length = 0 then
            one
        else
            c.Direction |> Array.map (point >> sqr) |> Array.reduce add |> sqrt

    let private value (s: AuditSubject) c t : Ival = s.Eval(c, point t)
    let private jetOn (s: AuditSubject) c (t: Ival) : Jet2<Ival> = s.Eval(c, Jet2(t, one, zero))
    let private jet (s: AuditSubject) c t = jetOn s c (point t)

    /// The derivative of the given order, 0 to 3, over an interval.
    let private derivative (s: AuditSubject) order c (t: Ival) : Ival =
        match order with
        | 0 -> s.Eval(c, t)
        | 1 -> (jetOn s c t).D
        | 2 -> (jetOn s c t).H
        | _ -> (s.Eval(c, Dual(Jet2(t, one, zero), Jet2(one, zero, zero)))).D.H

    let private distance c = sub (point c.V) (point c.U)
    let private magnitude (x: Ival) = Ival(x.Mignitude, x.Magnitude)

    let private nullable (x: Nullable<float>) =
        if x.HasValue then Some x.Value else None

    /// Found and allowed for two intervals that must have a point in common.
    let private meet (a: Ival) (b: Ival) : struct (float * float) =
        if a.Lo > b.Hi then struct (a.Lo, b.Hi)
        elif b.Lo > a.Hi then struct (b.Lo, a.Hi)
        else struct (0.0, 0.0)

    /// Mean value theorem for the derivative of the given order.
    let private meanValue (s: AuditSubject) order c =
        let a = Math.Min(c.U, c.V)
        let b = Math.Max(c.U, c.V)

        if a = b then
            struct (0.0, 0.0)
        else
            let difference = sub (derivative s order c (point b)) (derivative s order c (point a))
            let slope = derivative s (order + 1) c (Ival(a, b))
            meet difference (mul slope (sub (point b) (point a)))

    /// Halves the stretch between the two points towards the part whose ends agree less with the trapezoidal rule, down to neighbouring doubles: towards a jump if there is one.
    let private towardsJump (s: AuditSubject) order c =
        let at t : struct (float * float) =
            let d = s.Eval(c, Dual(Jet2(R64 t, R64 1.0, R64 0.0), Jet2(R64 1.0, R64 0.0, R64 0.0)))

            match order with
            | 0 -> struct (d.P.P.V, d.P.D.V)
            | 1 -> struct (d.P.D.V, d.P.H.V)
            | _ -> struct (d.P.H.V, d.D.H.V)

        let disagree a (struct (fa: float, da: float)) b (struct (fb: float, db: float)) =
            abs ((fb - fa) - 0.5 * (da + db) * (b - a))

        let rec go a fa b fb =
            let m = 0.5 * a + 0.5 * b

            if m <= a || m >= b then
                struct (a, b)
            else
                let fm = at m

                if disagree a fa m fm > disagree m fm b fb then
                    go a fa m fm
                else
                    go m fm b fb

        let low = Math.Min(c.U, c.V)
        let high = Math.Max(c.U, c.V)
        let struct (a, b) = go low (at low) high (at high)
        { c with U = a; V = b }

    let private holds condition : struct (float * float) =
        if condition then struct (0.0, 0.0) else struct (1.0, 0.0)

    /// Scores of every exponent from -200 to 200, in half of the cases.
    let private raw (s: AuditSubject) (rng: RandomStream) =
        let c = s.Draw rng

        if c.Direction.Length = 0 && rng.NextInt 2 = 0 then
            let u = (1.0 + rng.NextDouble()) * 2.0 ** float (rng.NextInt 400 - 200)
            let u = if rng.NextInt 2 = 0 then u else -u
            { c with U = u; V = u }
        else
            c

    let definition (s: AuditSubject) =
        let meta = s.Metadata

        [
            plain s "defined" "the value is a number everywhere in the domain" first (fun c ->
                holds (not (Double.IsNaN (s.Eval(c, R64 c.U)).V)))

            { plain
                  s
                  "finite derivatives"
                  "where the value is finite so are two derivatives, unless they overflow"
                  first
                  (fun c ->
                      let j: Jet2<R64> = s.Eval(c, Jet2(R64 c.U, R64 1.0, R64 0.0))
                      let d: Dual<R64> = s.Eval(c, Dual(R64 c.U, R64 1.0))
                      let huge (x: Ival) = x.Mignitude > 1e290

                      let fine (x: float) (enclosure: Ival) =
                          Double.IsFinite x || (Double.IsInfinity x && huge enclosure)

                      if Double.IsFinite j.P.V then
                          let e = jet s c c.U
                          holds (fine j.D.V e.D && fine d.D.V e.D && fine j.H.V e.H)
                      else
                          struct (0.0, 0.0)) with
                Draw = raw s
            }

            { plain
                  s
                  "same value at every order"
                  "doubles, dual numbers and jets give the value bit for bit"
                  first
                  (fun c ->
                      let r: R64 = s.Eval(c, R64 c.U)
                      let d: Dual<R64> = s.Eval(c, Dual(R64 c.U, R64 1.0))
                      let j: Jet2<R64> = s.Eval(c, Jet2(R64 c.U, R64 1.0, R64 0.0))
                      holds (r.V.Equals d.P.V && r.V.Equals j.P.V)) with
                Draw = raw s
            }

            plain
                s
                "nested dual numbers"
                "the second derivative by nested dual numbers agrees with that of jets"
                first
                (fun c ->
                    let d = (s.Eval(c, Dual(Dual(point c.U, one), Dual(one, zero)))).D.D
                    meet d (jet s c c.U).H)

            if meta.Continuity >= 0 then
                plain
                    s
                    "derivative"
                    "differences of the value are the derivative in between times the distance"
                    both
                    (meanValue s 0)

            if meta.Continuity >= 1 then
                plain
                    s
                    "second derivative"
                    "differences of the derivative are the second derivative in between times the distance"
                    both
                    (meanValue s 1)

            for order in 0 .. min 2 meta.Continuity do
                let what =
                    match order with
                    | 0 -> "the value"
                    | 1 -> "the derivative"
                    | _ -> "the second derivative"

                { plain
                      s
                      $"continuity {order}"
                      $"{what} does not jump between neighbouring doubles"
                      both
                      (meanValue s order) with
                    Prepare = towardsJump s order
                }

            if meta.Convex && meta.Continuity >= 0 then
                { plain
                      s
                      "one-sided slopes"
                      "the derivative of a convex loss lies between the slopes to both sides, at kinks too"
                      first
                      (fun c ->
                          let reach = 2.0 ** -10.0 * Math.Max(1.0, abs c.U)

                          let slope a b =
                              div (sub (value s c b) (value s c a)) (sub (point b) (point a))

                          let low = c.U - reach
                          let high = c.U + reach

                          if s.Valid { c with U = low; V = high } then
                              let d = (jet s c c.U).D
                              let left = slope low c.U
                              let right = slope c.U high
                              meet d (Ival(left.Lo, Math.Max(left.Lo, right.Hi)))
                          else
                              struct (0.0, 0.0)) with
                    Prepare = towardsJump s 1
                }
        ]

    let declared (s: AuditSubject) =
        let meta = s.Metadata

        [
            if meta.Convex then
                plain s "convex" "no point of a chord is below the loss" both (fun c ->
                    let w = point c.Weight
                    let rest = sub one w
                    let middle = add (mul w (point c.U)) (mul rest (point c.V))
                    let chord = add (mul w (value s c c.U)) (mul rest (value s c c.V))
                    let f: Ival = s.Eval(c, middle)
                    struct (f.Lo, chord.Hi))

                plain s "convex, locally" "the second derivative is not negative" first (fun c ->
                    struct ((jet s c c.U).H.Hi, 0.0))
                |> least

            match nullable meta.Lipschitz with
            | Some l ->
                plain s "Lipschitz" $"values differ by at most {l} times the distance" both (fun c ->
                    let difference = magnitude (sub (value s c c.V) (value s c c.U))
                    let allowed = mul (mul (point l) (norm c)) (magnitude (distance c))
                    struct (difference.Lo, allowed.Hi))

                plain s "Lipschitz, locally" $"the derivative is at most {l}" first (fun c ->
                    struct ((jet s c c.U).D.Mignitude, (mul (point l) (norm c)).Hi))
            | None -> ()

            match nullable meta.Smoothness with
            | Some b ->
                let square c = sqr (norm c)

                plain s "smooth" $"derivatives differ by at most {b} times the distance" both (fun c ->
                    let difference = magnitude (sub (jet s c c.V).D (jet s c c.U).D)
                    let allowed = mul (mul (point b) (square c)) (magnitude (distance c))
                    struct (difference.Lo, allowed.Hi))

                plain s "smooth, locally" $"the second derivative is at most {b}" first (fun c ->
                    struct ((jet s c c.U).H.Mignitude, (mul (point b) (square c)).Hi))

                plain
                    s
                    "descent lemma"
                    $"the loss is at most its tangent plus {b} times half the squared distance"
                    both
                    (fun c ->
                        let j = jet s c c.U
                        let d = distance c
                        let curve = mul (mul (point (0.5 * b)) (square c)) (sqr d)
                        struct ((value s c c.V).Lo, (add (add j.P (mul j.D d)) curve).Hi))

                match nullable meta.Infimum with
                | Some inf when meta.Score = Domain.Reals ->
                    plain
                        s
                        "self-bounding"
                        $"the squared derivative is at most {2.0 * b} times the excess over the infimum"
                        first
                        (fun c ->
                            let j = jet s c c.U
                            let allowed = mul (mul (point (2.0 * b)) (square c)) (sub j.P (point inf))
                            struct ((sqr j.D).Lo, allowed.Hi))
                | _ -> ()
            | None -> ()

            match nullable meta.StrongConvexity with
            | Some m ->
                let square c = sqr (norm c)

                plain s "strongly convex, locally" $"the second derivative is at least {m}" first (fun c ->
                    struct ((jet s c c.U).H.Hi, (mul (point m) (square c)).Lo))
                |> least

                plain
                    s
                    "strongly convex"
                    $"the loss is at least its tangent plus {m} times half the squared distance"
                    both
                    (fun c ->
                        let j = jet s c c.U
                        let d = distance c
                        let curve = mul (mul (point (0.5 * m)) (square c)) (sqr d)
                        struct ((value s c c.V).Hi, (add (add j.P (mul j.D d)) curve).Lo))
                |> least
            | None -> ()

            match nullable meta.Infimum with
            | Some inf ->
                plain s "infimum" $"the value is at least {inf}" first (fun c -> struct ((value s c c.U).Hi, inf))
                |> least
            | None -> ()

            match nullable meta.Supremum with
            | Some sup ->
                plain s "supremum" $"the value is at most {sup}" first (fun c -> struct ((value s c c.U).Lo, sup))
            | None -> ()
        ]

    let private inMean (subject: AuditSubject) name says (points: AuditCase -> float[]) probe =
        {
            Name = name
            Says = says
            Valid = subject.ValidMean
            Points = (fun c -> points c |> Array.map (fun t -> subject.MeanPoint(c, t)))
            Draw = subject.DrawMean
            Prepare = id
            AtLeast = false
            Probe = probe
        }

    let means (s: AuditSubject) =
        [
            // at 0 there is nothing to test: a constant is concave
            match nullable s.Metadata.ExpConcavity with
            | Some a when a > 0.0 ->
                let weight (l: Ival) = exp (mul (point -a) l)

                inMean s "exp-concave" $"exp(-{a} loss) is nowhere below its chords, in the mean" both (fun c ->
                    let w = point c.Weight
                    let rest = sub one w
                    let middle = add (mul w (point c.U)) (mul rest (point c.V))
                    let at (t: Ival) : Ival = s.EvalMean(c, t)
                    let chord = add (mul w (weight (at (point c.U)))) (mul rest (weight (at (point c.V))))
                    struct ((weight (at middle)).Hi, chord.Lo))
                |> least

                inMean
                    s
                    "exp-concave, locally"
                    $"the second derivative in the mean is at least {a} times the squared first"
                    first
                    (fun c ->
                        let j: Jet2<Ival> = s.EvalMean(c, Jet2(point c.U, one, zero))
                        struct (j.H.Hi, (mul (point a) (sqr j.D)).Lo))
                |> least
            | _ -> ()
        ]

    let private labelsOfMixing (meta: LossMetadata) =
        if meta.Label.EndsOnly then
            [| meta.Label.Low; meta.Label.High |]
        else
            [| 0.0; 1.0 |] |> Array.filter meta.Label.Contains

    let mixable (s: AuditSubject) =
        let meta = s.Metadata

        [
            match nullable meta.Mixability with
            | Some rate when rate > 0.0 ->
                let labels = labelsOfMixing meta
                let edge = if meta.Link = Link.Identity then 0.0 else 2.0 ** -40.0

                let valid (c: AuditCase) =
                    let inner p =
                        p >= edge && p <= 1.0 - edge && (meta.Link <> Link.Identity || meta.Score.Contains p)

                    Array.forall inner c.Start
                    && Array.forall (fun w -> w >= 0.0) c.Direction
                    && Array.sum c.Direction > 0.0

                let draw (rng: RandomStream) =
                    let n = 2 + rng.NextInt 3

                    let prediction _ =
                        match rng.NextInt 4 with
                        | 0 -> edge
                        | 1 -> 1.0 - edge
                        | _ -> AuditSampling.mean rng

                    { s.DrawMean rng with
                        Start = Array.init n prediction
                        Direction = Array.init n (fun _ -> rng.NextDouble())
                    }

                {
                    Name = "mixable"
                    Says =
                        $"some prediction is at every label at least as good as the exponential mixture at rate {rate}; points are means with their weights"
                    Valid = valid
                    Points = (fun c -> Array.map2 (fun p w -> [| p; w |]) c.Start c.Direction)
                    Draw = draw
                    Prepare = id
                    AtLeast = false
                    Probe = AuditMixing.probe s rate labels
                }
            | _ -> ()
        ]

    /// For two labels with a weight: the score of their mean makes the expected derivative 0.
    let elicits (s: AuditSubject) =
        let meta = s.Metadata

        let mean (c: AuditCase) =
            let w = point c.Weight

            if meta.Label.EndsOnly then
                w
            else
                add (mul w (point c.V)) (mul (sub one w) (point c.U))

        let score (c: AuditCase) = AnyScalar.score meta.Link (mean c)

        let labels (c: AuditCase) =
            if meta.Label.EndsOnly then
                struct (meta.Label.Low, meta.Label.High)
            else
                struct (c.U, c.V)

        let valid (c: AuditCase) =
            let struct (low, high) = labels c
            let m = mean c

            let linked =
                match meta.Link with
                | Link.Logit -> m.Lo > 0.0 && m.Hi < 1.0
                | Link.Log -> m.Lo > 0.0
                | _ -> true

            let inside x = meta.Score.Contains x

            c.Weight >= 0.0
            && c.Weight <= 1.0
            && meta.Label.Contains low
            && meta.Label.Contains high
            && linked
            && inside (score c).Lo
            && inside (score c).Hi

        [
            if meta.Elicits = "mean" then
                {
                    Name = "elicits the mean"
                    Says =
                        "the expected derivative over two labels is 0 at their mean; points are the labels, the weight of the second, and the score"
                    Valid = valid
                    Points =
                        (fun c ->
                            let struct (low, high) = labels c
                            [| [| low |]; [| high |]; [| c.Weight |]; [| (score c).Middle |] |])
                    Draw =
                        (fun rng ->
                            { s.Draw rng with
                                U = AuditSampling.inside rng meta.Label
                                V = AuditSampling.inside rng meta.Label
                            })
                    Prepare = id
                    AtLeast = false
                    Probe =
                        (fun c ->
                            let struct (low, high) = labels c
                            let z = score c
                            let slope label = (jetOn s { c with Label = label } z).D
                            let w = point c.Weight
                            let expected = add (mul w (slope high)) (mul (sub one w) (slope low))
                            struct (expected.Mignitude, 0.0))
                }
        ]

    let margin (s: AuditSubject) (loss: IMarginLoss) =
        [
            plain s "margin" "the loss is phi of label times score" first (fun c ->
                let phi: Ival = loss.Phi(point (c.Label * c.U))
                meet phi (value s c c.U))
        ]

    /// A convex margin loss is classification-calibrated exactly if phi is differentiable at 0 with a negative derivative (Bartlett, Jordan, McAuliffe).
    let calibrated (s: AuditSubject) (loss: IMarginLoss) : AuditFinding list =
        let meta = s.Metadata

        if meta.Calibrated.HasValue && meta.Convex then
            let phi (m: float) : Ival = loss.Phi(point m)
            let h = 2.0 ** -20.0
            let left = div (sub (phi 0.0) (phi -h)) (point h)
            let right = div (sub (phi h) (phi 0.0)) (point h)
            // without a kink the two slopes differ by the curvature times h
            let kink = right.Lo - left.Hi > 2.0 ** -10.0
            let slope = (loss.Phi(Dual(zero, one))).D

            let refuted =
                if meta.Calibrated.Value then
                    kink || slope.Lo >= 0.0
                else
                    not kink && slope.Hi < 0.0

            [
                {
                    Property = "calibrated"
                    Holds = not refuted
                    Detail =
                        $"declared {meta.Calibrated.Value}; convex, with slopes {left.Middle:G6} and {right.Middle:G6} at margin 0"
                    Counterexample =
                        if refuted then
                            Nullable
                                {
                                    Label = 1.0
                                    Points = [| [| 0.0 |] |]
                                    Found = slope.Middle
                                    Allowed = 0.0
                                    AtLeast = false
                                }
                        else
                            Nullable()
                    Cases = 1
                }
            ]
        else
            []

    /// Closed forms of a class loss against derivatives of its definition. They round on their own: 256 units of the largest entry are granted.
    let gradient (s: AuditSubject) (loss: IMulticlassLoss) (closed: IMulticlassGradient) =
        let eps = 2.0 ** -52.0
        let single = 2.0 ** -23.0

        let partials (label: int) (z: float[]) =
            Array.init z.Length (fun i ->
                let dual = z |> Array.mapi (fun j x -> Dual(point x, (if i = j then one else zero)))
                (loss.Eval(label, ReadOnlySpan dual)).D)

        let largest (enclosures: Ival[]) =
            enclosures |> Array.map _.Magnitude |> Array.max

        /// The product of Hessian and direction, and the largest number met: an entry of it or the value.
        let products (label: int) (z: float[]) (direction: float[]) =
            let enclosures =
                Array.init z.Length (fun i ->
                    let nested =
                        z
                        |> Array.mapi (fun j x ->
                            Dual(Dual(point x, (if i = j then one else zero)), Dual(point direction[j], zero)))

                    (loss.Eval(label, ReadOnlySpan nested)).D.D)

            let here: Ival = loss.Eval(label, ReadOnlySpan(Array.map point z))
            enclosures, Math.Max(largest enclosures, here.Magnitude)

        let away (enclosure: Ival) (x: float) =
            if Double.IsNaN x then
                infinity
            else
                Math.Max(0.0, Math.Max(enclosure.Lo - x, x - enclosure.Hi))

        /// Nothing is asked where the number itself, or one a little larger, overflows.
        let unless limit (sizes: float) found granted : struct (float * float) =
            if sizes < limit then
                struct (found, granted)
            else
                struct (0.0, 0.0)

        let worst (enclosures: Ival[]) (values: float[]) =
            Array.map2 away enclosures values |> Array.max

        [
            plain s "closed gradient" "the closed gradient is that of the definition" first (fun c ->
                let z = s.Point(c, c.U)
                let g = Array.zeroCreate z.Length
                let v = closed.Gradient(int c.Label, ReadOnlySpan z, Span g)
                let enclosures = partials (int c.Label) z
                let here: Ival = loss.Eval(int c.Label, ReadOnlySpan(Array.map point z))
                let sizes = Math.Max(largest enclosures, here.Magnitude)
                let granted = 256.0 * eps * Math.Max(1.0, sizes)
                unless 1e290 sizes (Math.Max(worst enclosures g, away here v)) granted)

            plain s "closed gradient, single precision" "the same in single precision" first (fun c ->
                let z = s.Point(c, c.U) |> Array.map float32
                let g = Array.zeroCreate<float32> z.Length
                let v = closed.Gradient(int c.Label, ReadOnlySpan z, Span g)
                let wide = z |> Array.map float
                let enclosures = partials (int c.Label) wide
                let here: Ival = loss.Eval(int c.Label, ReadOnlySpan(Array.map point wide))
                let size = Array.max (Array.map abs wide)

                let sizes = Math.Max(largest enclosures, here.Magnitude)
                let granted = 64.0 * single * Math.Max(1.0, Math.Max(size, sizes))
                unless 1e30 sizes (Math.Max(worst enclosures (Array.map float g), away here (float v))) granted)

            plain
                s
                "closed Hessian"
                "the closed product of Hessian and direction is that of the definition"
                first
                (fun c ->
                    let z = s.Point(c, c.U)
                    let product = Array.zeroCreate z.Length
                    closed.HessianVector(int c.Label, ReadOnlySpan z, ReadOnlySpan c.Direction, Span product)
                    let enclosures, sizes = products (int c.Label) z c.Direction
                    let size = c.Direction |> Array.map abs |> Array.max
                    let granted = 256.0 * eps * Math.Max(1.0, size) * Math.Max(1.0, largest enclosures)
                    unless 1e140 sizes (worst enclosures product) granted)
        ]

    let untested name detail : AuditFinding =
        {
            Property = name
            Holds = true
            Detail = detail
            Counterexample = Nullable()
            Cases = 0
        }

namespace Hindsight

open System
open Hindsight.FSharp

[<AbstractClass; Sealed>]
type LossAuditor private () =
    static let report (meta: LossMetadata) seed (findings: AuditFinding list) : AuditReport =
        {
            Loss = meta.Name
            Seed = seed
            Findings = Array.ofList findings
        }

    /// Each property has a stream of its own, so that one property's draws do not depend on another's.
    static let hunt (subject: AuditSubject) (seed: uint64) cases properties =
        properties |> List.mapi (fun i p -> AuditSearch.run subject (RandomStream(seed, uint64 i)) cases p)

    static member Check(loss: ILoss, seed: uint64, cases: int) : AuditReport =
        let subject = ScalarAuditSubject loss

        let margins =
            match loss with
            | :? IMarginLoss as m -> AuditLaws.margin subject m, AuditLaws.calibrated subject m
            | _ -> [], []

        let searched =
            [
                AuditLaws.definition subject
                fst margins
                AuditLaws.declared subject
                AuditLaws.means subject
                AuditLaws.mixable subject
                AuditLaws.elicits subject
            ]
            |> List.concat
            |> hunt subject seed cases

        report loss.Metadata seed (searched @ snd margins)

    static member Check(loss: ILoss, seed: uint64) = LossAuditor.Check(loss, seed, 400)

    static member Check(loss: IMulticlassLoss, seed: uint64, cases: int) : AuditReport =
        let subject = ClassAuditSubject loss

        let closed =
            match loss with
            | :? IMulticlassGradient as g -> AuditLaws.gradient subject loss g
            | _ -> []

        let searched =
            [
                AuditLaws.definition subject
                closed
                AuditLaws.declared subject
                (if loss.Metadata.Link = Link.Softmax then
                     AuditLaws.means subject
                 else
                     [])
            ]
            |> List.concat
            |> hunt subject seed cases

        let rest =
            [
                if loss.Metadata.Mixability.HasValue then
                    AuditLaws.untested "mixable" "mixtures of distributions over classes are not searched"
            ]

        report loss.Metadata seed (searched @ rest)

    static member Check(loss: IMulticlassLoss, seed: uint64) = LossAuditor.Check(loss, seed, 400)
