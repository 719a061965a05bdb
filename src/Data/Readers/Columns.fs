namespace Hindsight.Data

open System
open System.Collections.Generic
open System.Globalization
open System.Linq
open Hindsight

/// What a file says about a column before its rows are read.
[<RequireQualifiedAccess>]
type internal ColumnKind =
    /// Nothing: a number if every value is one.
    | Inferred
    | Number
    | Nominal of categories: string[]

/// The columns of a text file: which is the label, which hold numbers, and what the others may hold.
[<RequireQualifiedAccess>]
module internal Columns =
    let number (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when Double.IsFinite value -> ValueSome value
        | _ -> ValueNone

    /// Numbers by size, if all are; otherwise by character code.
    let sorted (names: string seq) =
        let names = Array.ofSeq names
        Array.Sort(names, StringComparer.Ordinal)

        if names |> Array.forall (fun name -> (number name).IsSome) then
            Array.sortBy (fun name -> (number name).Value) names
        else
            names

    /// The index of a column by its name, if the file names columns, or by its number.
    let find argument (named: bool) (names: string[]) (text: string) =
        let byName comparison =
            if named then
                names |> Array.tryFindIndex (fun name -> String.Equals(name, text, comparison))
            else
                None

        match byName StringComparison.Ordinal, byName StringComparison.OrdinalIgnoreCase with
        | Some index, _
        | None, Some index -> index
        | None, None ->
            match Int32.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
            | true, index when index >= -names.Length && index < names.Length ->
                if index < 0 then names.Length + index else index
            | false, _ when named && names.Length <= 100 ->
                Reading.require (Require.oneOf $"{argument} column" names text |> Result.map (fun _ -> 0))
            | _ ->
                let allowed =
                    $"""{if named then "the name of a column or " else ""}an index from {-names.Length} to {names.Length - 1}"""

                raise (HindsightException(HindsightError.OutOfRange(argument, $"'{text}'", allowed)))

    /// The label column.
    let label (options: ReadOptions) named (names: string[]) =
        let usual name =
            [ "class"; "label"; "target" ]
            |> List.exists (fun word -> String.Equals(word, name, StringComparison.OrdinalIgnoreCase))

        match options.Label, Array.tryFindIndexBack usual names with
        | null, Some index when named -> index
        | null, _ -> names.Length - 1
        | text, _ -> find "label" named names text

    /// The table of a file whose columns are separate fields. `records` stands before its first row; `openSplit` makes a function that gives a record's fields and takes its position.
    let table
        (source: ByteSource)
        (options: ReadOptions)
        (name: string)
        (named: bool)
        (columns: struct (string * ColumnKind)[])
        (records: Records)
        (openSplit: unit -> (string -> string -> string[]))
        =
        let names = columns |> Array.map (fun (struct (name, _)) -> name)
        let label = label options named names

        let ignored =
            options.Ignore
            |> Option.ofObj
            |> Option.defaultValue [||]
            |> Array.map (find "ignore" named names)
            |> HashSet<int>

        let features =
            [|
                for i in 0 .. names.Length - 1 do
                    if i <> label && not (ignored.Contains i) then
                        i
            |]

        if features.Length = 0 then
            Reading.malformed source.Name "its columns" "there is no column beside the label"

        let missing =
            HashSet<string>(
                options.Missing |> Option.ofObj |> Option.defaultValue [| "?"; ""; "NA"; "NaN" |],
                StringComparer.OrdinalIgnoreCase
            )

        let openFields () =
            let split = openSplit ()

            fun position text ->
                let fields: string[] = split position text

                if fields.Length <> names.Length then
                    Reading.malformed source.Name position $"there are {fields.Length} fields instead of {names.Length}"

                fields

        let fields = openFields ()

        // first pass: where the rows are, and which columns hold numbers only
        let index = RowIndex()

        let numeric =
            columns
            |> Array.map (fun (struct (_, kind)) ->
                match kind with
                | ColumnKind.Nominal _ -> false
                | _ -> true)

        while records.Next() do
            let position = $"line {records.Line}"
            let row = fields position records.Text
            index.Add records

            if missing.Contains row[label] then
                Reading.malformed source.Name position $"the label (column '{names[label]}') is missing"

            for i in features do
                if numeric[i] && not (missing.Contains row[i]) && (number row[i]).IsNone then
                    match columns[i] with
                    | struct (_, ColumnKind.Number) ->
                        Reading.malformed
                            source.Name
                            position
                            $"'{row[i]}' in column '{names[i]}' is not a finite number"
                    | _ -> numeric[i] <- false

        if index.Count = 0 then
            Reading.malformed source.Name $"line {records.Line}" "there are no rows"

        // second pass: categories and classes
        let categories = names |> Array.map (fun _ -> HashSet<string>())
        let missed = Array.zeroCreate<bool> names.Length
        let classes = HashSet<string>()
        let textual = features |> Array.filter (fun i -> not numeric[i])
        let text = index.OpenText source

        for r in 0 .. index.Count - 1 do
            let position = index.Position r
            let row = fields position (text r)
            let merged = options.Merge.Apply row[label]

            if classes.Add merged && classes.Count > Reading.MaxClasses then
                Reading.malformed
                    source.Name
                    position
                    $"the label (column '{names[label]}') has more than {Reading.MaxClasses} classes: a number to predict is not a class"

            for i in textual do
                if missing.Contains row[i] then
                    missed[i] <- true
                elif categories[i].Add row[i] && categories[i].Count > Reading.MaxCategories then
                    Reading.malformed
                        source.Name
                        position
                        $"column '{names[i]}' has more than {Reading.MaxCategories} categories; leave it out"

        let declaredOnly position (declared: string[]) (values: HashSet<string>) =
            match values.Except declared |> Seq.tryHead with
            | Some value -> Reading.malformed source.Name position $"the value '{value}' is not declared"
            | None -> ()

        let column i =
            if numeric[i] then
                Column.Numeric names[i]
            else
                let known =
                    match columns[i] with
                    | struct (_, ColumnKind.Nominal declared) ->
                        declaredOnly $"column '{names[i]}'" declared categories[i]
                        declared
                    | _ -> sorted categories[i]

                Column.Categorical(names[i], (if missed[i] then Array.append known [| "?" |] else known))

        let schema =
            {
                Name = name
                Columns = features |> Array.map column
                Classes =
                    match columns[label] with
                    | struct (_, ColumnKind.Nominal declared) ->
                        let declared = declared |> Array.map options.Merge.Apply |> Array.distinct
                        declaredOnly $"column '{names[label]}'" declared classes
                        declared
                    | _ -> sorted classes
            }

        if schema.Classes.Length < 2 then
            Reading.malformed source.Name "its labels" "there is only one class"

        if schema.Width > Reading.MaxWidth then
            Reading.malformed source.Name "its columns" $"they become more than {Reading.MaxWidth} features"

        let lookup (names: string[]) =
            let known = Dictionary<string, int>()
            names |> Array.iteri (fun i name -> known[name] <- i)
            known

        let codes = schema.Columns |> Array.map (fun column -> lookup column.Categories)

        let classCodes = lookup schema.Classes

        let code position (known: Dictionary<string, int>) text =
            match known.TryGetValue text with
            | true, code -> code
            | _ -> Reading.malformed source.Name position $"'{text}' was not there when the file was opened"

        let openParser () =
            let fields = openFields ()

            fun position text (values: float[]) ->
                let row = fields position text

                for k in 0 .. features.Length - 1 do
                    let value = row[features[k]]
                    let absent = missing.Contains value

                    values[k] <-
                        if not schema.Columns[k].IsNumeric then
                            float (code position codes[k] (if absent then "?" else value))
                        elif absent then
                            nan
                        else
                            match number value with
                            | ValueSome x -> x
                            | ValueNone ->
                                Reading.malformed
                                    source.Name
                                    position
                                    $"'{value}' was not there when the file was opened"

                code position classCodes (options.Merge.Apply row[label])

        index.Table(source, schema, openParser)
