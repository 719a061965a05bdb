namespace Hindsight.Data

open System
open System.Collections.Generic
open System.Text.RegularExpressions
open Hindsight

/// A literal text, or what stands before and after a star.
[<RequireQualifiedAccess>]
type internal Pattern =
    | Literal of string
    | Star of before: string * after: string

[<Sealed>]
type Merge private (rules: (Pattern * Pattern) list) =
    static let none = Merge []

    /// Pieces between separators that no backslash precedes.
    static let split (separator: char) (text: string) =
        let pieces = List<string>()
        let mutable start = 0
        let mutable i = 0

        while i < text.Length do
            if text[i] = '\\' then
                i <- i + 2
            else
                if text[i] = separator then
                    pieces.Add text[start .. i - 1]
                    start <- i + 1

                i <- i + 1

        pieces.Add text[start..]
        List.ofSeq pieces

    static let unescape text = Regex.Replace(text, @"\\(.)", "$1")

    static let pattern (text: string) =
        match split '*' (text.Trim()) |> List.map unescape with
        | [ "" ] -> None
        | [ literal ] -> Some(Pattern.Literal literal)
        | [ before; after ] -> Some(Pattern.Star(before, after))
        | _ -> None

    static let rule (text: string) =
        let wrong allowed =
            Error(HindsightError.OutOfRange("merge", $"'{text.Trim()}'", allowed))

        match split '=' text with
        | [ left; right ] ->
            let patterns = split ',' left |> List.map pattern

            match pattern right with
            | _ when List.contains None patterns -> wrong "patterns that are not empty and have at most one '*'"
            | None -> wrong "a name that is not empty and has at most one '*'"
            | Some(Pattern.Star _) when patterns |> List.exists (fun p -> p.Value.IsLiteral) ->
                wrong "a '*' in the name only if every pattern has one"
            | Some name -> Ok [ for p in patterns -> p.Value, name ]
        | _ -> wrong @"a rule PATTERN, PATTERN...=NAME with one '='; write \= for the character"

    static let apply (label: string) (pattern, name) =
        match pattern, name with
        | Pattern.Literal text, Pattern.Literal name when text = label -> Some name
        | Pattern.Star(before, after), name when
            label.Length >= before.Length + after.Length
            && label.StartsWith(before, StringComparison.Ordinal)
            && label.EndsWith(after, StringComparison.Ordinal)
            ->
            match name with
            | Pattern.Literal name -> Some name
            | Pattern.Star(first, last) -> Some(first + label[before.Length .. label.Length - after.Length - 1] + last)
        | _ -> None

    static member None = none

    static member Parse(text: string) =
        if String.IsNullOrWhiteSpace text then
            Ok none
        else
            (Ok [], split ';' text |> List.filter (String.IsNullOrWhiteSpace >> not))
            ||> List.fold (fun rules text ->
                result {
                    let! rules = rules
                    let! more = rule text
                    return rules @ more
                })
            |> Result.map Merge

    member _.Apply(label: string) =
        rules |> List.tryPick (apply label) |> Option.defaultValue label
