namespace Hindsight.Bench

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Hindsight

/// A loss as it is timed: a name that the Python script knows too, and its work at one precision.
[<NoComparison; NoEquality>]
type LossCase =
    {
        Name: string
        /// Numbers of scores (n, or n K).
        Scores: int
        /// Value and gradient in double and in single precision by the library, at so many bits.
        Double: int -> Action
        Single: int -> Action
        /// The same work written as a plain scalar loop; null where there is none.
        ByHand: Action
    }

/// Data of the comparison: the same distributions in the Python script.
[<RequireQualifiedAccess>]
module LossData =
    let elements = 1_000_000

    let normal (rng: Random) =
        sqrt (-2.0 * log (1.0 - rng.NextDouble())) * cos (2.0 * Math.PI * rng.NextDouble())

    let scores spread count =
        let rng = Random 1
        Array.init count (fun _ -> spread * normal rng)

    let labels count =
        let rng = Random 2
        Array.init count (fun _ -> rng.NextDouble())

    let signs count =
        let rng = Random 3
        Array.init count (fun _ -> if rng.NextDouble() < 0.5 then -1.0 else 1.0)

    let classes k count =
        let rng = Random 4
        Array.init count (fun _ -> rng.Next k)

/// What somebody writes who needs just this loss: one loop, the base library's functions, value and gradient together.
[<RequireQualifiedAccess>]
module ScalarLoop =
    let crossEntropy (y: float[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float g.Length

        for i in 0 .. g.Length - 1 do
            let x = z[i]
            let e = Math.Exp(-(Math.Abs x))
            sum <- sum + Math.Max(x, 0.0) - y[i] * x + Math.Log(1.0 + e)
            g[i] <- ((if x >= 0.0 then 1.0 else e) / (1.0 + e) - y[i]) * scale

        sum * scale

    let kullbackLeibler (y: float[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float g.Length

        for i in 0 .. g.Length - 1 do
            let x = z[i]
            let p = y[i]
            let e = Math.Exp(-(Math.Abs x))
            let entropy = p * Math.Log p + (1.0 - p) * Math.Log(1.0 - p)
            sum <- sum + Math.Max(x, 0.0) - p * x + Math.Log(1.0 + e) + entropy
            g[i] <- ((if x >= 0.0 then 1.0 else e) / (1.0 + e) - p) * scale

        sum * scale

    let logistic (y: float[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float g.Length

        for i in 0 .. g.Length - 1 do
            let m = y[i] * z[i]
            let e = Math.Exp(-(Math.Abs m))
            sum <- sum + Math.Max(-m, 0.0) + Math.Log(1.0 + e)
            g[i] <- -y[i] * (if m >= 0.0 then e else 1.0) / (1.0 + e) * scale

        sum * scale

    let huber (y: float[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float g.Length

        for i in 0 .. g.Length - 1 do
            let r = z[i] - y[i]

            if Math.Abs r <= 1.0 then
                sum <- sum + 0.5 * r * r
                g[i] <- r * scale
            else
                sum <- sum + Math.Abs r - 0.5
                g[i] <- Math.CopySign(scale, r)

        sum * scale

    /// tau = 1.5 of a margin: 2 (1 - s(m)^(1/2)).
    let compSum (y: float[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float g.Length

        for i in 0 .. g.Length - 1 do
            let m = y[i] * z[i]
            let s = 1.0 / (1.0 + Math.Exp(-m))
            let root = Math.Sqrt s
            sum <- sum + 2.0 * (1.0 - root)
            g[i] <- -y[i] * root * (1.0 - s) * scale

        sum * scale

    /// A loss of softmax's probability of the label: the value and, over it, the factor of (s - e_y).
    let private softmax (k: int) (labels: int[]) (z: float[]) (g: float[]) (outer: float -> struct (float * float)) =
        let mutable sum = 0.0
        let scale = 1.0 / float labels.Length

        for i in 0 .. labels.Length - 1 do
            let start = i * k
            let mutable top = z[start]

            for j in start + 1 .. start + k - 1 do
                top <- Math.Max(top, z[j])

            let mutable total = 0.0

            for j in start .. start + k - 1 do
                let e = Math.Exp(z[j] - top)
                g[j] <- e
                total <- total + e

            let at = start + labels[i]
            let struct (value, factor) = outer (g[at] / total)
            sum <- sum + value
            let times = factor * scale / total

            for j in start .. start + k - 1 do
                g[j] <- g[j] * times

            g[at] <- g[at] - factor * scale

        sum * scale

    let multiclassCompSum k labels z g =
        softmax k labels z g (fun s ->
            let root = Math.Sqrt s
            struct (2.0 * (1.0 - root), root))

    /// lambda = 0.7, margin 0.3.
    let ldr (k: int) (labels: int[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float labels.Length

        for i in 0 .. labels.Length - 1 do
            let start = i * k
            let at = start + labels[i]
            let mutable top = 0.0

            for j in start .. start + k - 1 do
                let lead = if j = at then 0.0 else z[j] - z[at] + 0.3
                g[j] <- lead
                top <- Math.Max(top, lead)

            let mutable total = 0.0

            for j in start .. start + k - 1 do
                let e = Math.Exp((g[j] - top) / 0.7)
                g[j] <- e
                total <- total + e

            sum <- sum + top + 0.7 * Math.Log(total / float k)

            for j in start .. start + k - 1 do
                g[j] <- g[j] * scale / total

            g[at] <- g[at] - scale

        sum * scale

    /// alpha = 1.5, by sorting.
    let entmax (k: int) (labels: int[]) (z: float[]) (g: float[]) =
        let mutable sum = 0.0
        let scale = 1.0 / float labels.Length
        let sorted = Array.zeroCreate<float> k

        for i in 0 .. labels.Length - 1 do
            let start = i * k
            let mutable top = z[start]

            for j in start + 1 .. start + k - 1 do
                top <- Math.Max(top, z[j])

            for j in 0 .. k - 1 do
                sorted[j] <- -(z[start + j] - top) / 2.0

            Array.Sort sorted
            let mutable s1 = 0.0
            let mutable s2 = 0.0
            let mutable tau = 0.0
            let mutable j = 0
            let mutable going = true

            while going do
                let u = -sorted[j]
                s1 <- s1 + u
                s2 <- s2 + u * u
                let n = float (j + 1)
                let candidate = (s1 - Math.Sqrt(Math.Max(0.0, s1 * s1 - n * (s2 - 1.0)))) / n

                if j > 0 && candidate > u then
                    going <- false
                else
                    tau <- candidate
                    j <- j + 1
                    going <- j < k

            let at = start + labels[i]
            let mutable inner = 0.0
            let mutable power = 0.0

            for j in start .. start + k - 1 do
                let x = z[j] - top
                let part = Math.Max(0.0, x / 2.0 - tau)
                let p = part * part
                inner <- inner + p * (x - (z[at] - top))
                power <- power + p * part
                g[j] <- p * scale

            g[at] <- g[at] - scale
            sum <- sum + inner + (1.0 - power) / 0.75

        sum * scale

/// Nanoseconds a score of value and gradient, against a scalar loop, PyTorch and scikit-learn. Every process of the comparison is started at several offsets of its stack.
[<RequireQualifiedAccess>]
module LossSpeed =
    let private scalar name (loss: ILoss) (labels: float[]) spread byHand =
        let n = LossData.elements
        let z = LossData.scores spread n
        let g = Array.zeroCreate<float> n
        let labels32 = labels |> Array.map float32
        let z32 = z |> Array.map float32
        let g32 = Array.zeroCreate<float32> n

        {
            Name = name
            Scores = n
            Double =
                fun bits ->
                    let kernel = KernelWidth.at loss bits

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels,
                            ReadOnlySpan z,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span g
                        )
                        |> ignore<float>)
            Single =
                fun bits ->
                    let kernel = KernelWidth.at loss bits

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels32,
                            ReadOnlySpan z32,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span g32
                        )
                        |> ignore<float>)
            ByHand = Action(fun () -> byHand labels z g |> ignore<float>)
        }

    let private multiclass name (loss: IMulticlassLoss) k byHand =
        let rows = LossData.elements / k
        let labels = LossData.classes k rows
        let z = LossData.scores 2.0 (rows * k)
        let g = Array.zeroCreate<float> z.Length
        let z32 = z |> Array.map float32
        let g32 = Array.zeroCreate<float32> z.Length

        {
            Name = name
            Scores = rows * k
            Double =
                fun bits ->
                    let kernel = MulticlassKernelWidth.at loss bits MulticlassKernelWidth.fewClasses

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels,
                            ReadOnlySpan z,
                            k,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span g
                        )
                        |> ignore<float>)
            Single =
                fun bits ->
                    let kernel = MulticlassKernelWidth.at loss bits MulticlassKernelWidth.fewClasses

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels,
                            ReadOnlySpan z32,
                            k,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span g32
                        )
                        |> ignore<float>)
            ByHand = Action(fun () -> byHand k labels z g |> ignore<float>)
        }

    /// Made one at a time: each holds a million scores.
    let private cases: (string * (unit -> LossCase)) list =
        let n = LossData.elements

        [
            "cross-entropy of a logit",
            fun () ->
                scalar "cross-entropy of a logit" (BinaryCrossEntropy()) (LossData.labels n) 3.0 ScalarLoop.crossEntropy
            "kullback-leibler",
            fun () -> scalar "kullback-leibler" (KullbackLeibler()) (LossData.labels n) 3.0 ScalarLoop.kullbackLeibler
            "logistic", (fun () -> scalar "logistic" (Logistic()) (LossData.signs n) 3.0 ScalarLoop.logistic)
            "huber", (fun () -> scalar "huber" (Huber 1.0) (LossData.labels n) 3.0 ScalarLoop.huber)
            "comp-sum 1.5, margin",
            fun () -> scalar "comp-sum 1.5, margin" (BinaryCompSum 1.5) (LossData.signs n) 3.0 ScalarLoop.compSum
            "comp-sum 1.5, K = 10",
            fun () -> multiclass "comp-sum 1.5, K = 10" (CompSum 1.5) 10 ScalarLoop.multiclassCompSum
            "comp-sum 1.5, K = 1000",
            fun () -> multiclass "comp-sum 1.5, K = 1000" (CompSum 1.5) 1000 ScalarLoop.multiclassCompSum
            "ldr-kl, K = 10", (fun () -> multiclass "ldr-kl, K = 10" (LdrKl(0.7, 0.3)) 10 ScalarLoop.ldr)
            "entmax 1.5, K = 10",
            fun () -> multiclass "entmax 1.5, K = 10" (FenchelYoungEntmax 1.5) 10 ScalarLoop.entmax
        ]

    let private milliseconds quick = if quick then 1.0 else 25.0

    let private nanoseconds quick (scores: int) (work: Action) =
        1000.0 * Clock.best (milliseconds quick) work / float scores

    /// The child process: one line a loss whose name begins as asked, name, double, single and scalar loop, in nanoseconds a score.
    let child quick (only: string) =
        let bits = KernelWidth.widest

        for name, make in cases |> List.filter (fun (name, _) -> name.StartsWith only) do
            let c = make ()
            let wide = nanoseconds quick c.Scores (c.Double bits)
            let single = nanoseconds quick c.Scores (c.Single bits)
            let hand = nanoseconds quick c.Scores c.ByHand
            printfn "%s\t%d\t%.4f\t%.4f\t%.4f" name bits wide single hand

    /// What one start of a child process measured.
    type private Measured =
        {
            Bits: int
            Wide: float
            Single: float
            Hand: float
        }

    let private start (program: string) (arguments: string list) (variables: (string * string) list) =
        let info = ProcessStartInfo(program, RedirectStandardOutput = true, RedirectStandardError = true)
        arguments |> List.iter info.ArgumentList.Add

        for key, value in variables do
            info.Environment[key] <- value

        use p = Process.Start info
        let errors = p.StandardError.ReadToEndAsync()
        let text = p.StandardOutput.ReadToEnd()
        p.WaitForExit()

        if p.ExitCode = 0 then
            Ok text
        else
            Error(
                errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                |> Array.tryLast
                |> Option.defaultValue $"exit code {p.ExitCode}"
            )

    /// Each start's environment is 16 bytes longer than the one before, which moves the stack by as much.
    let private measure quick offset variables =
        let arguments =
            [
                Environment.ProcessPath
                if Path.GetFileNameWithoutExtension Environment.ProcessPath = "dotnet" then
                    Reflection.Assembly.GetExecutingAssembly().Location
                "loss-speed-child"
                if quick then
                    "--quick"
            ]

        start arguments.Head arguments.Tail (("HINDSIGHT_STACK_OFFSET", String('x', 16 * offset)) :: variables)
        |> Result.map (fun text ->
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            |> Array.map (fun line ->
                let cells = line.Split '\t'

                cells[0],
                {
                    Bits = int cells[1]
                    Wide = float cells[2]
                    Single = float cells[3]
                    Hand = float cells[4]
                })
            |> Map.ofArray)

    [<NoComparison>]
    type private Peer =
        {
            Torch: float
            TorchSingle: float
            Sklearn: float
        }

    let private peers quick =
        let script = Path.Combine(Page.root.Value, "bench", "torch", "losses.py")

        start "/usr/bin/python3" [ script; (if quick then "--quick" else "--full") ] []
        |> Result.map (fun text ->
            use answer = JsonDocument.Parse text
            let root = answer.RootElement

            let number (row: JsonElement) (key: string) =
                match row.TryGetProperty key with
                | true, v -> v.GetDouble()
                | _ -> nan

            root.GetProperty("versions").GetString(),
            [
                for row in root.GetProperty("rows").EnumerateArray() ->
                    row.GetProperty("loss").GetString(),
                    {
                        Torch = number row "torch"
                        TorchSingle = number row "torch32"
                        Sklearn = number row "sklearn"
                    }
            ]
            |> Map.ofList)

    let run (options: BenchOptions) =
        let offsets = if options.Quick then [ 0; 1 ] else [ 0; 1; 2; 3 ]

        let several variables =
            offsets
            |> List.map (fun offset ->
                printfn "start at stack offset %d %A" (16 * offset) (List.map fst variables)

                match measure options.Quick offset variables with
                | Ok rows -> rows
                | Error message -> raise (InvalidOperationException $"the child process failed: {message}"))

        let widest = several []
        let half = several [ "DOTNET_EnableAVX512", "0" ]
        let none = several [ "DOTNET_EnableAVX512", "0"; "DOTNET_EnableAVX2", "0" ]
        printfn "PyTorch and scikit-learn"
        let peer = peers options.Quick
        let best rows pick = rows |> List.map pick |> List.min
        let worst rows pick = rows |> List.map pick |> List.max

        let ours =
            [
                for name, _ in cases do
                    let at (rows: Map<string, Measured> list) = rows |> List.map (fun r -> r[name])

                    let wide = best (at widest) _.Wide
                    let single = best (at widest) _.Single
                    let hand = best (at widest) _.Hand

                    let torch, torchSingle, sklearn =
                        match peer with
                        | Ok(_, rows) ->
                            match rows.TryFind name with
                            | Some p -> p.Torch, p.TorchSingle, p.Sklearn
                            | None -> nan, nan, nan
                        | Error _ -> nan, nan, nan

                    [
                        name
                        Show.decimals wide
                        Show.decimals (worst (at widest) _.Wide)
                        Show.decimals single
                        Show.decimals hand
                        Show.decimals torch
                        Show.decimals torchSingle
                        Show.decimals sklearn
                        Show.short (hand / wide)
                        Show.short (torch / wide)
                        Show.short (sklearn / wide)
                        Show.short (wide / single)
                    ]
            ]

        let narrow =
            [
                for name, _ in cases do
                    let at (rows: Map<string, Measured> list) = rows |> List.map (fun r -> r[name])

                    [
                        name
                        Show.decimals (best (at half) _.Wide)
                        Show.decimals (best (at half) _.Hand)
                        Show.short (best (at half) _.Hand / best (at half) _.Wide)
                        Show.decimals (best (at none) _.Wide)
                        Show.decimals (best (at none) _.Hand)
                        Show.short (best (at none) _.Hand / best (at none) _.Wide)
                    ]
            ]

        let bits (rows: Map<string, Measured> list) =
            rows.Head |> Map.toSeq |> Seq.head |> snd |> _.Bits

        Markdown.paragraphs
            [
                $"Value and gradient of the mean loss, nanoseconds a score, n = 1,000,000 scores, one thread, best of {Clock.Repetitions} repetitions and {offsets.Length} process starts whose stacks are 16 bytes apart; "
                + $"*worst* is the slowest of these starts. Lanes of {bits widest} bits. Ratios are to our double precision column: above 1 the peer is slower."
                Markdown.table
                    [
                        "loss"
                        "ours"
                        "worst"
                        "ours, single"
                        "scalar loop"
                        "PyTorch"
                        "PyTorch, single"
                        "scikit-learn"
                        "loop / ours"
                        "PyTorch / ours"
                        "scikit-learn / ours"
                        "double / single"
                    ]
                    ours
                $"The same with lanes of {bits half} bits (`DOTNET_EnableAVX512=0`) and of {bits none} (`DOTNET_EnableAVX2=0` besides), where the scalar loop runs under the same switches:"
                Markdown.table
                    [
                        "loss"
                        $"{bits half} bits"
                        "loop"
                        "loop / ours"
                        $"{bits none} bits"
                        "loop"
                        "loop / ours"
                    ]
                    narrow
                match peer with
                | Ok(versions, _) -> $"Peers in the same run: {versions} (bench/torch/losses.py)."
                | Error reason ->
                    $"PyTorch and scikit-learn were not measured: {reason}. (Debian: `apt-get install python3-torch python3-sklearn libopenblas0-pthread`.)"
            ]
