namespace Hindsight.Bench

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Hindsight

/// Microseconds a round, against the machine's bounds and against PyTorch.
[<RequireQualifiedAccess>]
module Speed =
    let private shapes =
        [
            Shape.Dense120, "d = 120"
            Shape.Dense784, "d = 784"
            Shape.Blocks784, "10 blocks of 784"
        ]

    let private losses: (string * ILoss) list =
        [ "half-squared", HalfSquared(); "cross-entropy", BinaryCrossEntropy() ]

    /// The prototype's round with fixed signs (square loss, no sigmoid) on the machine of the roofline figures; a target, measured in another run.
    let private prototype shape =
        match shape with
        | Shape.Dense120 -> 8.8
        | Shape.Dense784 -> 55.0
        | _ -> 116.0

    /// Lower bound of a round on one core at 3.63 GHz: 116 GFLOP/s of float32 multiply-adds for ten predictions; for the step 44 vector operations, two a cycle, for every
    /// 16 parameters that it moves one by one; with blocks, 6 bytes a parameter (weight and sign code) at the third-level cache's 97 GB/s take the place of the multiply-adds.
    let private roof shape parameters =
        let p = float parameters
        let step moved = moved / 16.0 * 44.0 / 2.0 / 3630.0

        match shape with
        | Shape.Blocks784 -> 6.0 * p / 97e3 + step (p / 10.0)
        | _ -> 20.0 * p / 116e3 + step p

    let private milliseconds (options: BenchOptions) = if options.Quick then 1.0 else 20.0

    let private ours options (shape, name) (lossName, loss) =
        let round fresh lanes = NetworkRound(shape, loss, fresh, lanes)

        let measure fresh lanes =
            let r = round fresh lanes
            Clock.best (milliseconds options) (Action r.Round)

        let standard = round false Lanes.Auto
        let predict = Clock.best (milliseconds options) (Action standard.Predict)
        let micros = measure false Lanes.Auto
        let bound = roof shape standard.ParameterCount
        printfn "%s, %s: %.2f us" name lossName micros

        micros,
        [
            $"{name}, {lossName}"
            string standard.ParameterCount
            Show.decimals predict
            Show.decimals micros
            Show.decimals bound
            $"{Show.whole (100.0 * bound / micros)} %%"
            Show.decimals (micros / prototype shape)
            Show.decimals (measure true Lanes.Auto)
            Show.decimals (measure false Lanes.Portable)
            Show.decimals (measure true Lanes.Portable)
        ]

    let private bandits options =
        let perturbed =
            [
                "oracle", "theory"
                "perturbation", "rademacher"
                "radius", "10"
                "output-radius", "10"
                "rate", "0.01"
            ]

        [
            for d in [ 120; 784 ] do
                for map in [ "shared"; "disjoint" ] do
                    let micros settings =
                        let r = BanditRound(d, ("features", map) :: settings)
                        Clock.best (milliseconds options) (Action r.Round)

                    [
                        $"d = {d}, {map}"
                        Show.decimals (micros (perturbed @ [ "parameterisation", "theory"; "scaling", "sqrt" ]))
                        Show.decimals (micros (Runs.plainStep @ [ "rate", "0.2"; "scaling", "unit" ]))
                        Show.decimals (micros [ "oracle", "online" ])
                        Show.decimals (micros [])
                    ]
        ]

    /// One row of the script's answer.
    [<NoComparison>]
    type private TorchRow =
        {
            Shape: string
            Loss: string
            Variant: string
            Micros: float
        }

    let private torch (options: BenchOptions) =
        let script = Path.Combine(Page.root.Value, "bench", "torch", "perturbed_round.py")
        let python = "/usr/bin/python3"

        if not (File.Exists python) then
            Error $"{python} is not there"
        else
            let info = ProcessStartInfo(python, RedirectStandardOutput = true, RedirectStandardError = true)

            info.ArgumentList.Add script

            if options.Quick then
                info.ArgumentList.Add "--quick"

            use p = Process.Start info
            let errors = p.StandardError.ReadToEndAsync()
            let text = p.StandardOutput.ReadToEnd()
            p.WaitForExit()

            if p.ExitCode <> 0 then
                let lines = errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)

                Error(
                    if lines.Length = 0 then
                        $"exit code {p.ExitCode}"
                    else
                        Array.last lines
                )
            else
                use answer = JsonDocument.Parse text
                let root = answer.RootElement
                let text (e: JsonElement) (name: string) = e.GetProperty(name).GetString()

                Ok(
                    text root "torch",
                    text root "blas",
                    [
                        for row in root.GetProperty("rows").EnumerateArray() ->
                            {
                                Shape = text row "shape"
                                Loss = text row "loss"
                                Variant = text row "variant"
                                Micros = row.GetProperty("micros").GetDouble()
                            }
                    ]
                )

    let private torchPart options (times: Map<string, float>) =
        printfn "PyTorch"

        match torch options with
        | Error reason ->
            $"PyTorch was not measured: {reason}. (Debian: `apt-get install python3-torch libopenblas0-pthread`.)"
        | Ok(version, blas, rows) ->
            let label =
                if blas = "openblas" then
                    "OpenBLAS"
                else
                    $"**{blas}, not OpenBLAS: no fair comparison**"

            let cells =
                rows
                |> List.map (fun row ->
                    let mine = times[$"{row.Shape}, {row.Loss}"]

                    [
                        $"{row.Shape}, {row.Loss}, {row.Variant}"
                        Show.short row.Micros
                        Show.decimals mine
                        Show.short (row.Micros / mine)
                    ])

            Markdown.paragraphs
                [
                    $"The same round with fixed signs in PyTorch {version} on the CPU, one thread, {label} (bench/torch/perturbed_round.py), in the same run:"
                    Markdown.table [ "round"; "PyTorch, µs"; "Hindsight, µs"; "ratio" ] cells
                ]

    let run (options: BenchOptions) =
        let measured =
            [
                for shape in shapes do
                    for loss in losses ->
                        let micros, row = ours options shape loss
                        ($"{snd shape}, {fst loss}", micros), row
            ]

        Markdown.paragraphs
            [
                $"One core, microseconds, best of {Clock.Repetitions} repetitions. A round: mean predictions of ten arms, one projected step with ten sign vectors; width 100."
                Markdown.table
                    [
                        "round"
                        "parameters"
                        "predict"
                        "round"
                        "bound"
                        "of bound"
                        "/ prototype"
                        "fresh signs"
                        "portable"
                        "portable, fresh"
                    ]
                    (List.map snd measured)
                "A whole round of a bandit with ten arms (`Choose` and `Learn` of neufastcb: feature map, predictions, distribution, draw, pending record, learning):"
                Markdown.table
                    [
                        "context, features"
                        "theory, perturbed"
                        "one plain step"
                        "online"
                        "replay (default)"
                    ]
                    (bandits options)
                torchPart options (measured |> List.map fst |> Map.ofList)
            ]
