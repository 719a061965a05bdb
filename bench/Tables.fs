namespace Hindsight.Bench

open System
open System.Globalization
open System.IO

/// Samples, one value a seed.
[<RequireQualifiedAccess>]
module Sample =
    let mean (xs: float[]) = Array.average xs

    /// Standard error of the mean; NaN for a single value.
    let error (xs: float[]) =
        let m = mean xs
        let n = float xs.Length
        Math.Sqrt(Array.sumBy (fun x -> (x - m) * (x - m)) xs / (n - 1.0) / n)

    /// Differences seed by seed.
    let paired (xs: float[]) (ys: float[]) = Array.map2 (-) xs ys

    let geometricMean (xs: float[]) =
        Math.Exp(xs |> Array.averageBy Math.Log)

/// Numbers as text, the same in every culture.
[<RequireQualifiedAccess>]
module Show =
    let private text (format: string) (x: float) =
        if Double.IsFinite x then
            x.ToString(format, CultureInfo.InvariantCulture)
        elif Double.IsInfinity x then
            "diverged"
        else
            "–"

    let whole x = text "0" x
    let decimals x = text "0.00" x
    let short x = text "0.0" x
    /// As many digits as a step size needs.
    let general x = text "0.####" x
    let scientific x = text "0.0e+0" x

    let private signed x =
        if x > 0.0 then "+" + text "0.0" x else text "0.0" x

    /// mean ± standard error.
    let spread (xs: float[]) =
        if xs.Length < 2 || Double.IsInfinity(Sample.mean xs) then
            short (Sample.mean xs)
        else
            $"{short (Sample.mean xs)} ± {short (Sample.error xs)}"

    /// The same of differences: signed.
    let difference (xs: float[]) =
        if xs.Length < 2 then
            signed (Sample.mean xs)
        else
            $"{signed (Sample.mean xs)} ± {short (Sample.error xs)}"

/// Markdown.
[<RequireQualifiedAccess>]
module Markdown =
    /// A table whose first column is text and whose others are numbers.
    let table (header: string list) (rows: string list list) =
        let widths =
            header :: rows
            |> List.map (List.map String.length)
            |> List.reduce (List.map2 max)
            |> List.map (max 3)

        let line (cells: string list) =
            let padded =
                List.mapi2
                    (fun i (width: int) (cell: string) -> if i = 0 then cell.PadRight width else cell.PadLeft width)
                    widths
                    cells

            "| " + String.Join(" | ", padded) + " |"

        let rule =
            widths
            |> List.mapi (fun i width ->
                if i = 0 then
                    String('-', width)
                else
                    String('-', width - 1) + ":")
            |> fun cells -> "| " + String.Join(" | ", cells) + " |"

        String.Join("\n", line header :: rule :: List.map line rows)

    let paragraphs (parts: string list) = String.Join("\n\n", parts)

/// The pages under docs/, of which the commands own the parts between their markers.
[<RequireQualifiedAccess>]
module Page =
    /// The repository: the nearest folder above that holds the solution.
    let root =
        lazy
            (let rec climb (folder: DirectoryInfo) =
                if isNull folder then
                    Directory.GetCurrentDirectory()
                elif File.Exists(Path.Combine(folder.FullName, "Solution.sln")) then
                    folder.FullName
                else
                    climb folder.Parent

             climb (DirectoryInfo AppContext.BaseDirectory))

    /// The page with the part's text in place of what stood between its markers, or at the end if it has no such markers.
    let replace (name: string) (body: string) (page: string) =
        let first, last = $"<!-- {name} -->", $"<!-- /{name} -->"
        let part = $"{first}\n{body.Trim()}\n{last}"
        let start = page.IndexOf(first, StringComparison.Ordinal)
        let stop = page.IndexOf(last, StringComparison.Ordinal)

        if start >= 0 && stop > start then
            page.Substring(0, start) + part + page.Substring(stop + last.Length)
        else
            $"{page.TrimEnd()}\n\n{part}\n".TrimStart()

    let write (file: string) (name: string) (body: string) =
        let path = Path.Combine(root.Value, "docs", file)
        let page = if File.Exists path then File.ReadAllText path else ""
        Directory.CreateDirectory(Path.GetDirectoryName path) |> ignore<DirectoryInfo>
        File.WriteAllText(path, replace name body page)
        printfn "-> docs/%s, part '%s'" file name
