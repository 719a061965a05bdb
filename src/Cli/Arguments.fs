namespace Hindsight.Tool

open System
open System.Globalization
open Hindsight

/// Texts of the command line to values, as pure functions; the errors name the option.
[<RequireQualifiedAccess>]
module Arguments =
    /// More seeds than this are a slip of the pen.
    let private mostSeeds = 10_000

    let private refuse option (text: string) allowed =
        Error(HindsightError.OutOfRange(option, (if text = "" then "empty" else text), allowed))

    let private (|Natural|_|) (text: string) =
        match Int32.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, value -> Some value
        | _ -> None

    /// All values, or the first error.
    let rec all (results: Result<'T, HindsightError> list) : Result<'T list, HindsightError> =
        match results with
        | [] -> Ok []
        | first :: rest ->
            result {
                let! x = first
                let! xs = all rest
                return x :: xs
            }

    /// <summary>Seeds: "3", "0..4" (both ends included), "1,5,9", and mixtures.</summary>
    let seeds (text: string) : Result<int[], HindsightError> =
        let refuse = refuse "--seeds"

        let part (part: string) =
            match part.Split ".." with
            | [| Natural seed |] -> Ok [| seed |]
            | [| Natural first; Natural last |] when first <= last && last - first < mostSeeds -> Ok [| first..last |]
            | _ -> refuse text $"a number >= 0, a range as in 0..4 (at most {mostSeeds} seeds), or a list as in 1,5,9"

        result {
            let! parts = text.Split ',' |> List.ofArray |> List.map part |> all
            let seeds = Array.concat parts

            if (Array.distinct seeds).Length = seeds.Length then
                return seeds
            else
                return! refuse text "a list in which no seed occurs twice"
        }

    /// <summary>The text that <c>seeds</c> reads back: a range where the seeds are one, a list otherwise.</summary>
    let seedsText (seeds: int[]) =
        if seeds.Length > 1 && seeds = [| seeds[0] .. seeds[seeds.Length - 1] |] then
            $"{seeds[0]}..{seeds[seeds.Length - 1]}"
        else
            seeds |> Seq.map string |> String.concat ","

    /// <summary>Names of algorithms, separated by commas, each known and given once.</summary>
    let algorithms (known: string seq) (text: string) : Result<string[], HindsightError> =
        result {
            let! names =
                text.Split(',', StringSplitOptions.TrimEntries)
                |> List.ofArray
                |> List.map (Require.oneOf "algorithm" known)
                |> all

            if (List.distinct names).Length = names.Length then
                return Array.ofList names
            else
                return! refuse "--algorithms" text "a list in which no algorithm occurs twice"
        }

    /// <summary>A setting: "key=value". What keys and values are allowed is the bandit's affair.</summary>
    let setting (text: string) : Result<struct (string * string), HindsightError> =
        match text.IndexOf '=' with
        | at when at > 0 && at < text.Length - 1 -> Ok(struct (text[.. at - 1].Trim(), text[at + 1 ..].Trim()))
        | _ -> refuse "--set" text "key=value, as in gamma-scale=10"

    /// <summary>Settings in the order given.</summary>
    let settings (texts: string[]) : Result<struct (string * string)[], HindsightError> =
        texts |> List.ofArray |> List.map setting |> all |> Result.map Array.ofList

    /// <summary>How many rounds: what was asked for (0: nothing), never more than there are; 10,000 where there is no end.</summary>
    let rounds (asked: int) (available: int) =
        match asked, available with
        | 0, Int32.MaxValue -> 10_000
        | 0, _ -> available
        | _ -> min asked available

    // ---- losses ----

    let private (|Number|_|) (text: string) =
        match Double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when Double.IsFinite value -> Some value
        | _ -> None

    /// <summary>A finite number, with a point whatever the culture.</summary>
    let number (option: string) (text: string) : Result<float, HindsightError> =
        match text with
        | Number value -> Ok value
        | _ -> refuse option text "a finite number, as in -0.5 or 1e-3"

    /// <summary>Finite numbers, separated by commas.</summary>
    let numbers (option: string) (text: string) : Result<float[], HindsightError> =
        text.Split ',' |> List.ofArray |> List.map (number option) |> all |> Result.map Array.ofList

    /// <summary>An interval: its two ends, the lower one first.</summary>
    let interval (option: string) (text: string) : Result<struct (float * float), HindsightError> =
        match text.Split ',' with
        | [| Number low; Number high |] when low < high -> Ok(struct (low, high))
        | _ -> refuse option text "two numbers, the lower one first, as in -3,3"

    /// <summary>Parameters of a loss: "key=value" with numbers as values.</summary>
    let parameters (texts: string[]) : Result<(string * float)[], HindsightError> =
        result {
            let! pairs = settings texts

            return!
                pairs
                |> List.ofArray
                |> List.map (fun (struct (key, value)) ->
                    number $"--set {key}" value |> Result.map (fun value -> key, value))
                |> all
                |> Result.map Array.ofList
        }

    // ---- bounds ----

    /// <summary>Inputs of a bound: "key=value" with a number, or a list of numbers separated by commas.</summary>
    let inputs (texts: string[]) : Result<(string * float[])[], HindsightError> =
        result {
            let! pairs = settings texts

            return!
                pairs
                |> List.ofArray
                |> List.map (fun (struct (key, value)) ->
                    numbers $"--set {key}" value |> Result.map (fun values -> key, values))
                |> all
                |> Result.map Array.ofList
        }

    /// <summary>A range that an input runs through: "T=1e2..1e8".</summary>
    let range (option: string) (text: string) : Result<struct (string * float * float), HindsightError> =
        let allowed = "key=low..high, as in T=1e2..1e8"

        match text.IndexOf '=' with
        | at when at > 0 ->
            match text[at + 1 ..].Split ".." with
            | [| Number low; Number high |] when low < high -> Ok(struct (text[.. at - 1].Trim(), low, high))
            | _ -> refuse option text allowed
        | _ -> refuse option text allowed
