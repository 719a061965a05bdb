namespace Hindsight

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Security.Cryptography
open System.Text
open Hindsight.FSharp

/// What a setting may be.
[<NoComparison; NoEquality>]
type private Kind =
    | Choice of string list
    /// At least the first, at most the second.
    | Integer of int * int
    /// A finite number that the test accepts, and the sentence for it.
    | Number of (float -> bool) * string
    /// A number > 0, or "inf".
    | PositiveOrInfinite
    | Flag

module private Keys =
    let number (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, x when Double.IsFinite x -> ValueSome x
        | _ -> ValueNone

    let positive = Number((fun x -> x > 0.0), "a number > 0")
    let nonNegative = Number((fun x -> x >= 0.0), "a number >= 0")

    let inside (low: float) (high: float) =
        Number((fun x -> x > low && x < high), $"a number in ({low}, {high})")

    let off = "off"

    /// Key, default, allowed values, meaning. The order is that of reports and snapshots.
    let all: (string * string * Kind * string) list =
        [
            "exploration",
            "reweighted",
            Choice
                [
                    "igw"
                    "reweighted"
                    "epsilon"
                    "greedy"
                    "uniform"
                    "lower-confidence"
                    "thompson"
                ],
            "exploration rule"
            "normalization", "exact", Choice [ "fixed"; "exact" ], "of inverse gap weighting: mu = K, or the exact one"
            "gamma",
            "power",
            Choice [ "constant"; "power"; "square-theorem"; "fast-theorem" ],
            "schedule of the exploration parameter"
            "gamma-scale",
            "30",
            nonNegative,
            "gamma_t = scale * t^exponent; epsilon, alpha or nu for the rules that have one"
            "gamma-exponent",
            "0.5",
            Number((fun x -> x >= -2.0 && x <= 2.0), "a number in [-2, 2]"),
            "exponent of the power schedule"
            "horizon", "10000", positive, "T of the theorem schedules"
            "oracle-regret", "10", positive, "regret of the oracle (un-halved) that the theorem schedules count on"
            "delta", "0.05", inside 0.0 1.0, "failure probability of the theorem schedules"
            "features", "shared", Choice [ "disjoint"; "shared"; "action" ], "feature map"
            "scaling",
            "none",
            Choice [ "none"; "unit"; "sqrt" ],
            "length of an input vector: as given, 1, or sqrt(dimension)"
            "oracle", "replay", Choice [ "theory"; "online"; "replay"; "ridge"; "vaw" ], "regression oracle"
            "loss",
            "kl",
            Choice [ "squared"; "kl" ],
            "loss of a neural oracle: half the square, or Kullback-Leibler with a sigmoid output"
            "width", "100", Integer(1, 65536), "hidden units a layer"
            "depth", "1", Integer(1, 16), "hidden layers"
            "activation", "relu", Choice [ "relu"; "gelu"; "tanh"; "softplus" ], "of the hidden units"
            "parameterisation", "standard", Choice [ "standard"; "theory" ], "initialisation and scaling"
            "sigma", "2", positive, "sigma_1 of the theory's initialisation"
            "rate", "0.001", positive, "step size"
            "rate-schedule",
            "constant",
            Choice [ "constant"; "inverse-sqrt"; "inverse-time" ],
            "rate, rate/sqrt t, or rate/t"
            "decay",
            "0.9999",
            Number((fun x -> x > 0.0 && x <= 1.0), "a number in (0, 1]"),
            "of the adaptive step's mean square; 1 sums"
            "replay-capacity", "10000", Integer(1, 100000000), "observations kept for replay"
            "replay-steps", "8", Integer(0, 10000), "steps on old observations a round"
            "replay-memory",
            "restart",
            Choice [ "reservoir"; "window"; "restart" ],
            "a uniform sample of the past, the latest, or a sample that starts anew when a change is detected"
            "perturbation", off, Choice [ off; "expected"; "rademacher" ], "of the predictions"
            "perturbation-scale", "0.1", nonNegative, "c_p"
            "signs", "10", Integer(1, 4096), "S, number of sign vectors"
            "fresh-signs", "false", Flag, "draw the signs anew after every step"
            "radius", "inf", PositiveOrInfinite, "rho, ball around the initialisation, a hidden layer"
            "output-radius", "inf", PositiveOrInfinite, "rho_1, the same of the output layer"
            "label-clip",
            "0",
            Number((fun x -> x >= 0.0 && x < 0.5), "a number in [0, 0.5)"),
            "costs are learned inside [z, 1 - z]"
            "logit-clip", "inf", PositiveOrInfinite, "scores are read inside [-c, c]"
            "lambda", "1", positive, "ridge of the linear oracles"
            "pending-limit", "100000", Integer(1, 100000000), "most decisions that wait for feedback"
            "amendments", "false", Flag, "a second feedback is one more observation"
            "lanes", "auto", Choice [ "auto"; "wide"; "portable" ], "SIMD lanes of the network's kernels"
        ]

    let find key =
        result {
            let! key = Require.oneOf "setting" (all |> List.map (fun (k, _, _, _) -> k)) key
            return all |> List.find (fun (k, _, _, _) -> k = key)
        }

    let allowed kind =
        match kind with
        | Choice options -> String.concat " | " options
        | Integer(low, high) -> $"an integer in {low} .. {high}"
        | Number(_, sentence) -> sentence
        | PositiveOrInfinite -> "a number > 0, or inf"
        | Flag -> "true | false"

    /// The value in its one spelling.
    let normalise (key: string) kind (value: string) =
        let value = value.Trim()

        let refuse () =
            Error(HindsightError.OutOfRange(key, (if value = "" then "empty" else value), allowed kind))

        match kind with
        | Choice options ->
            match options |> List.tryFind (fun o -> String.Equals(o, value, StringComparison.OrdinalIgnoreCase)) with
            | Some o -> Ok o
            | None -> refuse ()
        | Integer(low, high) ->
            match Int32.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture) with
            | true, x when x >= low && x <= high -> Ok(string x)
            | _ -> refuse ()
        | Number(test, _) ->
            match number value with
            | ValueSome x when test x -> Ok(x.ToString("R", CultureInfo.InvariantCulture))
            | _ -> refuse ()
        | PositiveOrInfinite ->
            match number value with
            | ValueSome x when x > 0.0 -> Ok(x.ToString("R", CultureInfo.InvariantCulture))
            | _ when value.ToLowerInvariant() = "inf" -> Ok "inf"
            | _ -> refuse ()
        | Flag ->
            match value.ToLowerInvariant() with
            | "true"
            | "false" as flag -> Ok flag
            | _ -> refuse ()

module private Algorithms =
    /// Name, sentence, settings that differ from the table's defaults.
    let all: (string * string * (string * string) list) list =
        [
            "neufastcb", "NeuFastCB: neural oracle with KL loss, re-weighted inverse gap weighting", []
            "neusquarecb",
            "NeuSquareCB: neural oracle with square loss, inverse gap weighting",
            [
                "exploration", "igw"
                "loss", "squared"
                "rate", "0.0005"
                "gamma-scale", "100"
            ]
            "epsilon-greedy",
            "the same network as NeuFastCB; with probability epsilon a uniform arm, otherwise the best",
            [ "exploration", "epsilon"; "gamma", "constant"; "gamma-scale", "0.05" ]
            "squarecb-linear",
            "SquareCB: Vovk-Azoury-Warmuth oracle, a linear model an arm, inverse gap weighting",
            [ "exploration", "igw"; "normalization", "fixed"; "oracle", "vaw" ]
            "linucb",
            "LinUCB: ridge regression an arm, lowest confidence bound prediction - alpha width",
            [
                "exploration", "lower-confidence"
                "gamma", "constant"
                "gamma-scale", "1"
                "oracle", "ridge"
            ]
            "lints",
            "linear Thompson sampling: ridge regression an arm, normal draws of width nu",
            [
                "exploration", "thompson"
                "gamma", "constant"
                "gamma-scale", "0.1"
                "oracle", "ridge"
            ]
            "uniform", "every arm alike", [ "exploration", "uniform"; "gamma", "constant"; "gamma-scale", "0" ]
            "greedy",
            "the same network as NeuFastCB; always the best prediction",
            [ "exploration", "greedy"; "gamma", "constant"; "gamma-scale", "0" ]
        ]

/// Nothing to learn: the oracle of a rule that reads no predictions.
[<Sealed>]
type private ConstantOracle(shape: FeatureShape) =
    interface IRegressionOracle with
        member _.Name = "constant"
        member _.Shape = shape
        member _.HasWidths = false

        member _.Predict(inputs, predictions) =
            predictions.Slice(0, inputs.Count).Fill 0.5

        member _.Widths(_, _) = ()
        member _.Learn(_, _, _, _, _) = ()
        member _.Save(_) = ()
        member _.Load(_) = ()

[<Sealed>]
type BanditSettings private (algorithm: string, contextSize: int, arms: int, seed: uint64, values: Map<string, string>)
    =
    let text key = values[key]

    let number key =
        Double.Parse(values[key], NumberStyles.Float, CultureInfo.InvariantCulture)

    let limit key =
        if values[key] = "inf" then
            Double.PositiveInfinity
        else
            number key

    let integer key =
        Int32.Parse(values[key], CultureInfo.InvariantCulture)

    let flag key = values[key] = "true"

    let index (options: string list) key =
        List.findIndex ((=) values[key]) options

    static member Algorithms: IReadOnlyList<struct (string * string)> =
        [| for name, sentence, _ in Algorithms.all -> struct (name, sentence) |]

    static member Describe() : IReadOnlyList<struct (string * string * string)> =
        [|
            for key, value, kind, meaning in Keys.all -> struct (key, Keys.allowed kind, $"{meaning} (default {value})")
        |]

    static member Create(algorithm: string, contextSize: int, arms: int, seed: uint64) =
        result {
            let! name = Require.oneOf "algorithm" (Algorithms.all |> List.map (fun (n, _, _) -> n)) algorithm
            let! _ = Require.atLeast "contextSize" 1 contextSize
            let! _ = Require.atLeast "arms" 1 arms
            let _, _, changes = Algorithms.all |> List.find (fun (n, _, _) -> n = name)
            let defaults = Keys.all |> List.map (fun (key, value, _, _) -> key, value) |> Map.ofList
            let values = List.fold (fun m (key, value) -> Map.add key value m) defaults changes
            return BanditSettings(name, contextSize, arms, seed, values)
        }

    member _.With(key: string, value: string) =
        result {
            let! key, _, kind, _ = Keys.find key
            let! value = Keys.normalise key kind value
            return BanditSettings(algorithm, contextSize, arms, seed, Map.add key value values)
        }

    member _.Algorithm = algorithm
    member _.ContextSize = contextSize
    member _.Arms = arms
    member _.Seed = seed

    member _.Values: IReadOnlyList<KeyValuePair<string, string>> =
        [| for key, _, _, _ in Keys.all -> KeyValuePair(key, values[key]) |]

    member _.Build() =
        let scaling = enum<InputScaling>(index [ "none"; "unit"; "sqrt" ] "scaling")

        let map: IFeatureMap =
            match text "features" with
            | "shared" -> SharedFeatures(contextSize, arms, scaling)
            | "action" -> ArmFeatures(contextSize, scaling)
            | _ -> DisjointArms(contextSize, arms, scaling)

        let normalization = enum<Normalization>(index [ "fixed"; "exact" ] "normalization")

        let rule: IExplorationRule =
            match text "exploration" with
            | "igw" -> InverseGapWeighting normalization
            | "epsilon" -> EpsilonGreedyRule()
            | "greedy" -> GreedyRule()
            | "uniform" -> UniformRule()
            | "lower-confidence" -> LowerConfidenceRule()
            | "thompson" -> ThompsonRule()
            | _ -> ReweightedInverseGapWeighting normalization

        let neural () =
            let kind = text "oracle"

            NeuralOracle.Create
                {
                    Network =
                        {
                            Dimension = map.Shape.Dimension
                            Blocks = map.Shape.Blocks
                            Heads = map.Shape.Heads
                            Hidden = Array.create (integer "depth") (integer "width")
                            Activation = enum<Activation>(index [ "relu"; "gelu"; "tanh"; "softplus" ] "activation")
                            Parameterisation = enum<Parameterisation>(index [ "standard"; "theory" ] "parameterisation")
                            Sigma = number "sigma"
                            Seed = seed
                            Perturbation =
                                enum<PerturbationKind>(index [ Keys.off; "expected"; "rademacher" ] "perturbation")
                            PerturbationScale = number "perturbation-scale"
                            PerturbationCount = integer "signs"
                            FreshSigns = flag "fresh-signs"
                            Radius = limit "radius"
                            OutputRadius = limit "output-radius"
                            StepRule =
                                (if kind = "theory" then
                                     StepRule.Plain
                                 else
                                     StepRule.Adaptive)
                            Decay = number "decay"
                            Lanes = enum<Lanes>(index [ "auto"; "wide"; "portable" ] "lanes")
                        }
                    Loss =
                        (if text "loss" = "kl" then
                             BinaryCrossEntropy() :> ILoss
                         else
                             HalfSquared())
                    Rate = number "rate"
                    Schedule = enum<RateSchedule>(index [ "constant"; "inverse-sqrt"; "inverse-time" ] "rate-schedule")
                    LabelClip = number "label-clip"
                    LogitClip = limit "logit-clip"
                    Memory =
                        if kind <> "replay" then
                            ReplayMemory.Off
                        else
                            enum<ReplayMemory>(1 + index [ "reservoir"; "window"; "restart" ] "replay-memory")
                    Capacity = integer "replay-capacity"
                    ReplaySteps = integer "replay-steps"
                }
            |> Result.map (fun oracle -> oracle :> IRegressionOracle)

        result {
            let! oracle =
                match text "exploration", text "oracle" with
                | "uniform", _ -> Ok(ConstantOracle map.Shape :> IRegressionOracle)
                | _, "ridge" -> Ok(LinearOracle(map.Shape, LinearKind.Ridge, number "lambda"))
                | _, "vaw" -> Ok(LinearOracle(map.Shape, LinearKind.VovkAzouryWarmuth, number "lambda"))
                | _ -> neural ()

            return!
                Bandit.Create(
                    map,
                    rule,
                    oracle,
                    {
                        Seed = seed
                        Gamma =
                            {
                                Kind =
                                    enum<GammaSchedule>(
                                        index [ "constant"; "power"; "square-theorem"; "fast-theorem" ] "gamma"
                                    )
                                Scale = number "gamma-scale"
                                Exponent = number "gamma-exponent"
                                Horizon = number "horizon"
                                OracleRegret = number "oracle-regret"
                                Delta = number "delta"
                            }
                        PendingLimit = integer "pending-limit"
                        AllowAmendments = flag "amendments"
                    }
                )
        }

[<RequireQualifiedAccess>]
module Snapshot =
    let private magic = "HINDSIGHT"B

    [<Literal>]
    let private Format = 1

    let private laneWidth (bandit: Bandit) =
        match bandit.Oracle with
        | :? NeuralOracle as oracle -> oracle.Network.LaneWidth
        | _ -> 0

    let save (settings: BanditSettings) (bandit: Bandit) (stream: Stream) =
        use body = new MemoryStream()
        use writer = new BinaryWriter(body, Encoding.UTF8, true)
        writer.Write settings.Algorithm
        writer.Write settings.ContextSize
        writer.Write settings.Arms
        writer.Write settings.Seed
        writer.Write settings.Values.Count

        for KeyValue(key, value) in settings.Values do
            writer.Write key
            writer.Write value

        writer.Write(laneWidth bandit)
        bandit.SaveState writer
        writer.Flush()
        use head = new BinaryWriter(stream, Encoding.UTF8, true)
        head.Write(ReadOnlySpan magic)
        head.Write Format
        head.Write Philox.Version
        head.Write body.Length
        head.Write(SHA256.HashData(body.ToArray()))
        body.Position <- 0L
        head.Flush()
        body.CopyTo stream

    let private malformed position reason =
        Error(HindsightError.Malformed("snapshot", position, reason))

    let private readBody (stream: Stream) =
        use head = new BinaryReader(stream, Encoding.UTF8, true)

        if not ((ReadOnlySpan(head.ReadBytes magic.Length)).SequenceEqual(ReadOnlySpan magic)) then
            malformed "start" "it is not a Hindsight snapshot"
        else
            let format = head.ReadInt32()
            let generator = head.ReadInt32()
            let length = head.ReadInt64()
            let hash = head.ReadBytes 32

            if format <> Format then
                Error(
                    HindsightError.Incompatible $"The snapshot has format {format}; this library reads format {Format}"
                )
            elif generator <> Philox.Version then
                Error(
                    HindsightError.Incompatible
                        $"The snapshot was made with generator version {generator}; this library has version {Philox.Version}"
                )
            elif length < 0L || length > int64 Array.MaxLength then
                malformed "length" $"it claims {length} bytes"
            else
                // in pieces, so that a false length costs no memory
                use body = new MemoryStream()
                let buffer = Array.zeroCreate<byte> 65536
                let mutable left = length
                let mutable ended = false

                while left > 0L && not ended do
                    let n = stream.Read(buffer, 0, int (Math.Min(left, int64 buffer.Length)))
                    ended <- n = 0
                    body.Write(buffer, 0, n)
                    left <- left - int64 n

                let bytes = body.ToArray()

                if ended then
                    malformed $"byte {bytes.Length}" $"it ends before its {length} bytes"
                elif not ((ReadOnlySpan(SHA256.HashData bytes)).SequenceEqual(ReadOnlySpan hash)) then
                    malformed "checksum" "its content was changed"
                else
                    Ok bytes

    let private readBandit (bytes: byte[]) =
        use reader = new BinaryReader(new MemoryStream(bytes))
        let algorithm = reader.ReadString()
        let contextSize = reader.ReadInt32()
        let arms = reader.ReadInt32()
        let seed = reader.ReadUInt64()
        let count = reader.ReadInt32()
        let pairs = [ for _ in 1..count -> struct (reader.ReadString(), reader.ReadString()) ]
        let lanes = reader.ReadInt32()

        result {
            let! start = BanditSettings.Create(algorithm, contextSize, arms, seed)

            let! settings =
                (Ok start, pairs)
                ||> List.fold (fun settings (struct (key, value)) ->
                    settings |> Result.bind (fun (s: BanditSettings) -> s.With(key, value)))

            // replay runs at the recorded width
            let! runnable =
                match settings.Values |> Seq.find (fun pair -> pair.Key = "lanes") with
                | pair when pair.Value = "auto" && lanes = 0 -> settings.With("lanes", "portable")
                | pair when pair.Value = "auto" && lanes = 16 -> settings.With("lanes", "wide")
                | _ -> Ok settings

            let! bandit = runnable.Build()
            do! bandit.LoadState reader
            return struct (runnable, bandit)
        }

    let load (stream: Stream) =
        try
            readBody stream |> Result.bind readBandit
        with :? IOException as e ->
            malformed "end" e.Message
