namespace Hindsight.Tests.Data

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open System.Net.Sockets
open System.Security.Cryptography
open System.Text
open System.Threading
open System.Threading.Tasks
open NUnit.Framework
open Hindsight
open Hindsight.Data
open Hindsight.Data.Readers
open Hindsight.Tests.Data.Support

/// What the test server does when it is asked for the file.
type private Manner =
    /// Sends it, or the asked-for range of it.
    | Whole
    /// Ends the connection after so many bytes of the file.
    | CutAt of int
    /// Sends the head and then nothing.
    | Silent
    /// Does not know it.
    | Gone
    /// Sends it from the start, whatever range is asked for.
    | NoRanges

/// A server on this machine that speaks as much HTTP as the downloads need, and remembers what it was asked.
[<Sealed>]
type private Server(file: byte[], md5: string, manners: Manner list) as this =
    let listener = new TcpListener(IPAddress.Loopback, 0)
    let requests = ConcurrentQueue<string>()
    let remaining = ConcurrentQueue<Manner> manners
    let stop = new CancellationTokenSource()
    do listener.Start()

    let port = (listener.LocalEndpoint :?> IPEndPoint).Port
    let address = $"http://127.0.0.1:{port}"

    let description =
        $"""{{"data_set_description":{{"id":"61","name":"scale","url":"{address}/file.arff","md5_checksum":"{md5}","default_target_attribute":"class","ignore_attribute":["left-weight"]}}}}"""

    let list =
        """{"data":{"dataset":[{"did":99,"name":"scale","version":2,"status":"active"},{"did":61,"name":"scale","version":1,"status":"active"},{"did":7,"name":"scale","version":0,"status":"deactivated"}]}}"""

    let answer (stream: NetworkStream) (status: string) (headers: string) (body: byte[]) length =
        let head = $"HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        stream.Write(ReadOnlySpan(Encoding.ASCII.GetBytes head))
        stream.Write(ReadOnlySpan body)

    let serve (client: TcpClient) =
        task {
            use client = client
            use stream = client.GetStream()
            use reader = new StreamReader(stream, Encoding.ASCII, false, 1024, true)
            let request = reader.ReadLine()
            let mutable start = 0
            let mutable header = reader.ReadLine()

            while not (String.IsNullOrEmpty header) do
                if header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase) then
                    start <- int (header.Substring(13).TrimEnd '-')

                header <- reader.ReadLine()

            requests.Enqueue $"{request.Split(' ')[1]} {start}"

            let text (body: string) =
                answer stream "200 OK" "" (utf8 body) (utf8 body).Length

            match request.Split(' ')[1] with
            | "/data/61" -> text description
            | "/data/list/data_name/scale" -> text list
            | "/data/5" -> text "{}"
            | "/data/6" -> text "<html>"
            | "/file.arff" ->
                let manner =
                    match remaining.TryDequeue() with
                    | true, manner -> manner
                    | _ -> Whole

                let rest = file[start..]

                let status, headers =
                    if start > 0 then
                        "206 Partial Content", $"Content-Range: bytes {start}-{file.Length - 1}/{file.Length}\r\n"
                    else
                        "200 OK", ""

                match manner with
                | Whole -> answer stream status headers rest rest.Length
                | NoRanges -> answer stream "200 OK" "" file file.Length
                | CutAt count -> answer stream status headers (Array.truncate count rest) rest.Length
                | Gone -> answer stream "404 Not Found" "" [||] 0
                | Silent ->
                    answer stream status headers [||] rest.Length
                    do! Task.Delay(Timeout.Infinite, stop.Token)
            | _ -> answer stream "412 Precondition Failed" "" [||] 0
        }

    do this.Accept serve

    member _.Address = address
    member _.Requests = List.ofSeq requests

    member private _.Accept serve =
        task {
            try
                while not stop.IsCancellationRequested do
                    let! client = listener.AcceptTcpClientAsync stop.Token
                    // each connection on its own; a client that hangs up is no concern of the server
                    (serve client: Task<unit>) |> ignore<Task<unit>>
            with :? OperationCanceledException ->
                ()
        }
        |> ignore<Task<unit>>

    interface IDisposable with
        member _.Dispose() =
            stop.Cancel()
            listener.Dispose()

[<TestFixture>]
type OpenMlTests() =

    let file =
        lazy
            (use writer = new StringWriter()
             Export.arff (Generators.BalanceScale.table ()) writer
             utf8 (writer.ToString()))

    let md5 = lazy (Convert.ToHexStringLower(MD5.HashData(ReadOnlySpan file.Value)))

    let mutable folder = ""

    let options (server: Server) =
        { OpenMlOptions.Default with
            BaseUrl = server.Address + "/data"
            Folder = folder
            Timeout = TimeSpan.FromSeconds 5.0
            Retries = 0
        }

    let fetch options reference =
        (OpenMl.fetch options reference null CancellationToken.None).GetAwaiter().GetResult()

    let path name = Path.Combine(folder, name)

    [<SetUp>]
    member _.Folder() =
        folder <- Path.Combine(Path.GetTempPath(), $"hindsight-test-{Guid.NewGuid():N}")

    [<TearDown>]
    member _.Clear() =
        if Directory.Exists folder then
            Directory.Delete(folder, true)

    [<Test>]
    member _.``a set is downloaded once, with its checksum beside it, and then comes from the cache``() =
        use server = new Server(file.Value, md5.Value, [])
        let options = options server
        let first = ok (fetch options "61")
        Assert.That(first.Path, Is.EqualTo(path "61.arff"))
        Assert.That(first.Target, Is.EqualTo "class")
        Assert.That((first.Ignore = [| "left-weight" |]))
        Assert.That((File.ReadAllBytes first.Path = file.Value))
        let sha = Convert.ToHexStringLower(SHA256.HashData(ReadOnlySpan file.Value))
        Assert.That(File.ReadAllText(path "61.arff.sha256"), Does.StartWith sha)
        let asked = server.Requests
        Assert.That((ok (fetch options "61")).Target, Is.EqualTo "class")
        Assert.That((server.Requests = asked))
        use table = ok (ByteSource.Open first.Path |> Result.bind (Arff.read ReadOptions.Default))
        Assert.That(table.Rows, Is.EqualTo 625)

    [<Test>]
    member _.``a name stands for its oldest active version``() =
        use server = new Server(file.Value, md5.Value, [])
        Assert.That((ok (fetch (options server) "scale")).Path, Is.EqualTo(path "scale.arff"))
        Assert.That(server.Requests, Does.Contain "/data/61 0")

    [<Test>]
    member _.``a connection that is cut is taken up where it ended``() =
        use server = new Server(file.Value, md5.Value, [ CutAt 1000; CutAt 500 ])

        let options = { options server with Retries = 2 }

        Assert.That((File.ReadAllBytes (ok (fetch options "61")).Path = file.Value))
        let asked = server.Requests |> List.filter (fun r -> r.StartsWith "/file")
        Assert.That((asked = [ "/file.arff 0"; "/file.arff 1000"; "/file.arff 1500" ]))

    [<Test>]
    member _.``a part that a run left behind is resumed by the next``() =
        use server = new Server(file.Value, md5.Value, [ CutAt 1234 ])
        let options = options server
        let failed = error (fetch options "61")
        Assert.That(failed.IsMissing)
        Assert.That(failed.Message, Does.Contain(path "61.arff"))
        Assert.That(FileInfo(path "61.arff.part").Length, Is.EqualTo 1234L)
        Assert.That((File.ReadAllBytes (ok (fetch options "61")).Path = file.Value))
        Assert.That(server.Requests, Does.Contain "/file.arff 1234")
        Assert.That(not (File.Exists(path "61.arff.part")))

    [<Test>]
    member _.``a server without ranges sends everything again``() =
        use server = new Server(file.Value, md5.Value, [ CutAt 1234; NoRanges ])

        let options = { options server with Retries = 1 }

        Assert.That((File.ReadAllBytes (ok (fetch options "61")).Path = file.Value))

    [<Test>]
    member _.``a download with a wrong checksum is refused and deleted``() =
        use server = new Server(file.Value, String('0', 32), [])
        Assert.That((error (fetch (options server) "61")).IsMalformed)
        Assert.That(Directory.GetFiles folder, Is.Empty)

    [<Test>]
    member _.``a cached file that has changed is refused``() =
        use server = new Server(file.Value, md5.Value, [])
        let options = options server
        File.AppendAllText((ok (fetch options "61")).Path, "1,1,1,1,B\n")

        match error (fetch options "61") with
        | HindsightError.Malformed(source, "its checksum", _) -> Assert.That(source, Is.EqualTo(path "61.arff"))
        | other -> Assert.Fail other.Message

    [<Test>]
    member _.``a server that falls silent runs into the timeout``() =
        use server = new Server(file.Value, md5.Value, [ Silent ])

        let options =
            { options server with
                Timeout = TimeSpan.FromSeconds 0.3
            }

        let failed = error (fetch options "61")
        Assert.That(failed.Message, Does.Contain "no answer within 0.3 s")

    [<Test>]
    member _.``a set or a file that the server does not know is an error that says where to put it``() =
        use server = new Server(file.Value, md5.Value, [ Gone ])
        let options = options server

        for reference in [ "123456"; "no such name"; "61" ] do
            let failed = error (fetch options reference)
            Assert.That(failed.IsMissing)
            Assert.That(failed.Message, Does.Contain folder)

    [<Test>]
    member _.``an answer that is no description is malformed``() =
        use server = new Server(file.Value, md5.Value, [])
        Assert.That((error (fetch (options server) "5")).IsMalformed)
        Assert.That((error (fetch (options server) "6")).IsMalformed)

    [<Test>]
    member _.``without a connection the error names the file to put where, and the file is then used``() =
        let address =
            use server = new Server([||], "", [])
            server.Address

        let options =
            { OpenMlOptions.Default with
                BaseUrl = address
                Folder = folder
            }

        let failed = error (fetch options "../iris")
        Assert.That(failed.IsMissing)
        Assert.That(failed.Message, Does.Contain(path ".._iris.arff"))
        Directory.CreateDirectory folder |> ignore<DirectoryInfo>
        File.WriteAllBytes(path ".._iris.arff", file.Value)
        Assert.That((ok (fetch options "../iris")).Target, Is.Null)

    [<Test>]
    member _.``progress ends at the file's size``() =
        use server = new Server(file.Value, md5.Value, [])
        let reports = ConcurrentQueue<DownloadProgress>()

        let progress =
            { new IProgress<DownloadProgress> with
                member _.Report report = reports.Enqueue report
            }

        let fetched =
            (OpenMl.fetch (options server) "61" progress CancellationToken.None).GetAwaiter().GetResult()

        Assert.That(fetched.IsOk)
        let last = Seq.last reports
        Assert.That((last.Bytes, last.Total) = (file.Value.LongLength, file.Value.LongLength))

    [<Test>]
    member _.``a cancelled download stops and keeps its part``() =
        use server = new Server(file.Value, md5.Value, [ CutAt 1000; Silent ])
        let options = options server
        Assert.That((error (fetch options "61")).IsMissing)
        use cancel = new CancellationTokenSource(200)

        let fetch = OpenMl.fetch options "61" null cancel.Token

        Assert.Catch<OperationCanceledException>(fun () -> fetch.GetAwaiter().GetResult() |> ignore<Result<_, _>>)
        |> ignore<OperationCanceledException>

        Assert.That(FileInfo(path "61.arff.part").Length, Is.EqualTo 1000L)

    [<Test>]
    member _.``an empty reference is an error``() =
        Assert.That((error (fetch OpenMlOptions.Default " ")).IsOutOfRange)
