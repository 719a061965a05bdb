namespace Hindsight.Data

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Security.Cryptography
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Hindsight

[<NoComparison>]
type OpenMlOptions =
    {
        BaseUrl: string
        Folder: string
        Timeout: TimeSpan
        Retries: int
    }

    static member Default =
        let folder =
            match Environment.GetEnvironmentVariable "XDG_CACHE_HOME" with
            | null
            | "" -> Environment.GetFolderPath Environment.SpecialFolder.LocalApplicationData
            | folder -> folder

        {
            BaseUrl = "https://www.openml.org/api/v1/json/data"
            Folder = Path.Combine(folder, "hindsight", "openml")
            Timeout = TimeSpan.FromSeconds 30.0
            Retries = 3
        }

[<Struct; NoComparison>]
type DownloadProgress =
    {
        Name: string
        Bytes: int64
        Total: int64
    }

[<NoComparison>]
type OpenMlFile =
    {
        Path: string
        Target: string
        Ignore: string[]
    }

/// Names of a data set's files in the cache.
[<NoComparison>]
type private CacheEntry =
    {
        Data: string
    }

    member entry.Part = entry.Data + ".part"
    member entry.Checksum = entry.Data + ".sha256"
    member entry.Description = Path.ChangeExtension(entry.Data, ".json")

[<RequireQualifiedAccess>]
module OpenMl =
    [<CompiledName("CacheFolder")>]
    let cacheFolder () =
        Path.GetDirectoryName OpenMlOptions.Default.Folder

    let private fail error = raise (HindsightException error)

    let private entry options (reference: string) =
        let safe c =
            if Char.IsAsciiLetterOrDigit c || "-_.".Contains c then
                c
            else
                '_'

        {
            Data = Path.Combine(options.Folder, String.map safe reference + ".arff")
        }

    let private hash (algorithm: HashAlgorithmName) path =
        use hasher = IncrementalHash.CreateHash algorithm
        use file = File.OpenRead path
        let buffer = Array.zeroCreate<byte> 65536
        let mutable count = file.Read(buffer, 0, buffer.Length)

        while count > 0 do
            hasher.AppendData(buffer, 0, count)
            count <- file.Read(buffer, 0, buffer.Length)

        Convert.ToHexStringLower(hasher.GetHashAndReset())

    /// The property's text, or null; a list's texts are joined by commas.
    let private text (name: string) (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Object ->
            match element.TryGetProperty name with
            | true, value ->
                match value.ValueKind with
                | JsonValueKind.Array -> value.EnumerateArray() |> Seq.map string |> String.concat ","
                | JsonValueKind.Null -> null
                | _ -> string value
            | _ -> null
        | _ -> null

    /// The element at a path of names; undefined if there is none.
    let private descend (names: string list) (root: JsonElement) =
        (root, names)
        ||> List.fold (fun element name ->
            if element.ValueKind = JsonValueKind.Object then
                match element.TryGetProperty name with
                | true, value -> value
                | _ -> JsonElement()
            else
                JsonElement())

    let private parse (source: string) (json: string) =
        try
            use document = JsonDocument.Parse json
            document.RootElement.Clone()
        with :? JsonException as e ->
            fail (HindsightError.Malformed(source, $"line {e.LineNumber.GetValueOrDefault() + 1L}", "it is not JSON"))

    let private described (entry: CacheEntry) =
        let description =
            if File.Exists entry.Description then
                File.ReadAllText entry.Description |> parse entry.Description |> descend [ "data_set_description" ]
            else
                JsonElement()

        let list name =
            match text name description with
            | null -> [||]
            | names -> names.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)

        {
            Path = entry.Data
            Target = list "default_target_attribute" |> Array.tryHead |> Option.toObj
            Ignore = Array.append (list "row_id_attribute") (list "ignore_attribute")
        }

    let private fromCache (entry: CacheEntry) =
        if File.Exists entry.Checksum then
            let expected = File.ReadAllText entry.Checksum

            if
                not (expected.StartsWith(hash HashAlgorithmName.SHA256 entry.Data, StringComparison.OrdinalIgnoreCase))
            then
                fail (
                    HindsightError.Malformed(
                        entry.Data,
                        "its checksum",
                        "it is not the file that was downloaded; delete it to download it again"
                    )
                )

        described entry

    /// Runs a network operation that must make itself felt within the timeout.
    let private within options (cancel: CancellationToken) (action: CancellationToken -> Task<'T>) =
        task {
            use limit = CancellationTokenSource.CreateLinkedTokenSource cancel
            limit.CancelAfter options.Timeout

            try
                return! action limit.Token
            with :? OperationCanceledException when not cancel.IsCancellationRequested ->
                return raise (TimeoutException $"no answer within {options.Timeout.TotalSeconds} s")
        }

    let private getText options (client: HttpClient) cancel (url: string) =
        within options cancel (fun token ->
            task {
                use! response = client.GetAsync(url, token)

                // OpenML answers 412 where a data set does not exist
                match response.StatusCode with
                | HttpStatusCode.NotFound
                | HttpStatusCode.PreconditionFailed -> return null
                | _ ->
                    let! body = response.EnsureSuccessStatusCode().Content.ReadAsStringAsync token
                    return body
            })

    /// The id of the oldest active version of a name, or null.
    let private lookup options client cancel (name: string) =
        task {
            let url = $"{options.BaseUrl}/list/data_name/{Uri.EscapeDataString name}"
            let! json = getText options client cancel url

            if isNull json then
                return null
            else
                let found = parse url json |> descend [ "data"; "dataset" ]

                let versions =
                    if found.ValueKind = JsonValueKind.Array then
                        Array.ofSeq (found.EnumerateArray())
                    else
                        [||]

                let number name element =
                    match Int64.TryParse(text name element) with
                    | true, value -> value
                    | _ -> Int64.MaxValue

                return
                    versions
                    |> Array.filter (fun element ->
                        text "status" element = "active" && not (isNull (text "did" element)))
                    |> Array.sortBy (number "version")
                    |> Array.tryHead
                    |> Option.map (text "did")
                    |> Option.toObj
        }

    let private report (progress: IProgress<DownloadProgress>) name =
        let clock = Stopwatch.StartNew()
        let mutable last = -1000L

        fun bytes total ->
            if not (isNull progress) && (clock.ElapsedMilliseconds - last >= 100L || bytes = total) then
                last <- clock.ElapsedMilliseconds

                progress.Report
                    {
                        Name = name
                        Bytes = bytes
                        Total = total
                    }

    /// One attempt to download the rest of a file into its part.
    let private downloadOnce options (client: HttpClient) cancel (url: string) (part: string) report =
        task {
            let have = if File.Exists part then FileInfo(part).Length else 0L
            use request = new HttpRequestMessage(HttpMethod.Get, url)

            if have > 0L then
                request.Headers.Range <- RangeHeaderValue(have, Nullable())

            use! response =
                within options cancel (fun token ->
                    client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token))

            // a part that is already whole has no rest
            if have > 0L && response.StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable then
                return ()
            else
                let response = response.EnsureSuccessStatusCode()
                let resumed = response.StatusCode = HttpStatusCode.PartialContent
                let start = if resumed then have else 0L

                let total =
                    match response.Content.Headers.ContentLength with
                    | length when length.HasValue -> start + length.Value
                    | _ -> -1L

                use file =
                    new FileStream(part, (if resumed then FileMode.Append else FileMode.Create), FileAccess.Write)

                use! stream = response.Content.ReadAsStreamAsync cancel
                let buffer = Array.zeroCreate<byte> 65536
                let mutable bytes = start
                let mutable more = true

                while more do
                    let! count = within options cancel (fun token -> stream.ReadAsync(Memory buffer, token).AsTask())

                    file.Write(ReadOnlySpan(buffer, 0, count))
                    bytes <- bytes + int64 count
                    more <- count > 0
                    report bytes total

                if total >= 0L && bytes < total then
                    raise (IOException $"the connection ended after {bytes} of {total} bytes")
        }

    let rec private download options client cancel url part report retries : Task<unit> =
        task {
            let mutable again = false

            try
                do! downloadOnce options client cancel url part report
            with
            | :? HttpRequestException as e when not e.StatusCode.HasValue && retries > 0 -> again <- true
            | :? IOException when retries > 0 -> again <- true

            if again then
                return! download options client cancel url part report (retries - 1)
        }

    let private fetchNew options (entry: CacheEntry) (reference: string) progress cancel =
        task {
            use client = new HttpClient(Timeout = Timeout.InfiniteTimeSpan)
            let isId = Seq.forall Char.IsAsciiDigit reference

            let! id =
                if isId then
                    Task.FromResult reference
                else
                    lookup options client cancel reference

            let url = $"{options.BaseUrl}/{id}"

            let! json =
                if isNull id then
                    Task.FromResult null
                else
                    getText options client cancel url

            if isNull json then
                fail (
                    HindsightError.Missing(
                        $"OpenML data set '{reference}'",
                        $"look it up at openml.org, or put an ARFF file at {entry.Data}"
                    )
                )

            let description = parse url json |> descend [ "data_set_description" ]

            match text "url" description with
            | null -> fail (HindsightError.Malformed(url, "data_set_description", "it names no url"))
            | address ->
                Directory.CreateDirectory options.Folder |> ignore<DirectoryInfo>
                do! download options client cancel address entry.Part (report progress reference) options.Retries

                match text "md5_checksum" description with
                | null -> ()
                | md5 when md5.Equals(hash HashAlgorithmName.MD5 entry.Part, StringComparison.OrdinalIgnoreCase) -> ()
                | _ ->
                    File.Delete entry.Part

                    fail (
                        HindsightError.Malformed(
                            address,
                            "its checksum",
                            "the download is not the file that OpenML describes; it was deleted, try again"
                        )
                    )

                File.WriteAllText(entry.Description, json)

                File.WriteAllText(
                    entry.Checksum,
                    $"{hash HashAlgorithmName.SHA256 entry.Part}  {Path.GetFileName entry.Data}\n"
                )

                File.Move(entry.Part, entry.Data)

            return described entry
        }

    [<CompiledName("Fetch")>]
    let fetch options (reference: string) progress (cancel: CancellationToken) =
        task {
            if String.IsNullOrWhiteSpace reference then
                return Error(HindsightError.OutOfRange("reference", $"'{reference}'", "an id or a name of a data set"))
            else
                let entry = entry options (reference.Trim())

                let unreachable (e: exn) =
                    Error(
                        HindsightError.Missing(
                            $"OpenML data set '{reference}' ({e.Message})",
                            $"try again with a connection, or put the ARFF file at {entry.Data}"
                        )
                    )

                try
                    if File.Exists entry.Data then
                        return Ok(fromCache entry)
                    else
                        let! file = fetchNew options entry (reference.Trim()) progress cancel
                        return Ok file
                with
                | :? HindsightException as e -> return Error e.Error
                | :? HttpRequestException
                | :? TimeoutException
                | :? IOException
                | :? UriFormatException
                | :? InvalidOperationException
                | :? NotSupportedException
                | :? UnauthorizedAccessException as e -> return unreachable e
        }
