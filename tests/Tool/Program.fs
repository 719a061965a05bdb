namespace Hindsight.Tests.Tool

open System
open System.IO
open System.Text.Json
open System.Threading
open NUnit.Framework
open Hindsight.Data
open Hindsight.Tool

/// The whole tool, from arguments to an exit code, output and files.
[<TestFixture>]
type ProgramLaws() =

    let invokeWith cancel (line: string) =
        use out = new StringWriter()
        use error = new StringWriter()

        let code =
            Program.run
                {
                    Out = out
                    Error = error
                    Cancel = cancel
                }
                (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))

        code, out.ToString(), error.ToString()

    let invoke line = invokeWith CancellationToken.None line

    /// A folder that goes when the test is over.
    let inFolder (test: string -> unit) =
        let folder = Directory.CreateTempSubdirectory("hindsight-").FullName

        try
            test folder
        finally
            Directory.Delete(folder, true)

    let small = "run --data tic-tac-toe --algorithms squarecb-linear,uniform --rounds 200 --seeds 0..2"

    [<Test>]
    member _.``a run prints a table, says that realizability is assumed, and ends with 0``() =
        let code, out, _ = invoke small
        Assert.That((code = 0), out)
        Assert.That(out.Contains "squarecb-linear")
        Assert.That(out.Contains "std. error")
        Assert.That(out.Contains "realizability: assumed")

    [<Test>]
    member _.``--json prints nothing else on the output, and its costs add up``() =
        let code, out, _ = invoke (small + " --json")
        Assert.That((code = 0))
        use document = JsonDocument.Parse out
        let root = document.RootElement
        Assert.That(root.GetProperty("rounds").GetInt32() = 200)

        for algorithm in root.GetProperty("algorithms").EnumerateArray() do
            let costs = [| for c in algorithm.GetProperty("costs").EnumerateArray() -> c.GetDouble() |]
            Assert.That(costs.Length = 3)
            Assert.That(costs |> Array.forall (fun c -> c >= 0.0 && c <= 200.0 && c = floor c))
            Assert.That(algorithm.GetProperty("meanCost").GetDouble(), Is.EqualTo(Array.average costs).Within(2).Ulps)

    [<Test>]
    member _.``the same command gives the same costs``() =
        let costs () =
            let _, out, _ = invoke (small + " --json")
            use document = JsonDocument.Parse out

            [
                for a in document.RootElement.GetProperty("algorithms").EnumerateArray() ->
                    a.GetProperty("costs").GetRawText()
            ]

        Assert.That((costs () = costs ()))

    [<Test>]
    member _.``seeds and rounds not given are 0 to 4 and one pass over the data``() =
        let _, out, _ = invoke "run --data balance-scale --algorithms uniform --json"
        use document = JsonDocument.Parse out
        Assert.That(document.RootElement.GetProperty("rounds").GetInt32() = 625)
        let costs = document.RootElement.GetProperty("algorithms").[0].GetProperty("costs")
        Assert.That(costs.GetArrayLength() = 5)

    [<Test>]
    member _.``--out writes every file that the help names``() =
        inFolder (fun folder ->
            let target = Path.Combine(folder, "new", "run")
            let code, _, _ = invoke $"{small} --out {target}"
            Assert.That((code = 0))
            let written = Directory.GetFiles target |> Array.map Path.GetFileName |> Array.sort
            let promised = Report.files.Split(", ") |> Array.sort
            Assert.That((written = promised))
            Assert.That(written |> Array.forall (fun f -> FileInfo(Path.Combine(target, f)).Length > 100L)))

    [<Test>]
    member _.``simulated data show pseudo-regret and a bound: the theorem's where it covers the schedule, else the certificate``
        ()
        =
        let code, out, _ =
            invoke
                "run --data linear --algorithms squarecb-linear,uniform --rounds 100 --seeds 0,1 --set gamma=square-theorem"

        Assert.That((code = 0), out)
        Assert.That(out.Contains "mean pseudo-regret")
        Assert.That(out.Contains "squarecb-linear: SquareCB regret <=")
        Assert.That(out.Contains "assumes realizability")
        Assert.That(out.Contains "uniform: certificate of the decisions <=")

    [<Test>]
    member _.``on real data no bound is compared: it is null; where means are known it is a number``() =
        for data, kind in [ "balance-scale", JsonValueKind.Null; "linear", JsonValueKind.Number ] do
            let code, out, _ = invoke $"run --data {data} --algorithms neusquarecb --rounds 20 --seeds 0,1 --json"
            Assert.That((code = 0), out)
            use document = JsonDocument.Parse out
            let bound = document.RootElement.GetProperty("algorithms").[0].GetProperty("bound")
            Assert.That((bound.ValueKind = kind))

    [<Test>]
    member _.``--ledger prints measured regrets, what they imply and what the assumptions came to, and writes them``() =
        inFolder (fun folder ->
            let code, out, _ =
                invoke
                    $"run --data synthetic-3 --algorithms neusquarecb,uniform --rounds 300 --seeds 0..1 --ledger --out {folder}"

            Assert.That((code = 0), out)

            for word in
                [
                    "regression regret"
                    "estimate of the decisions"
                    "certificate"
                    "width at least"
                    "--ledger"
                ] do
                Assert.That(out + File.ReadAllText(Path.Combine(folder, "report.html")), Does.Contain word)

            let lines = File.ReadAllLines(Path.Combine(folder, "ledger.csv"))
            Assert.That(lines[0], Does.StartWith "algorithm,seed,round,cost")
            let last = lines |> Array.findBack (fun l -> l.StartsWith "uniform,1,")
            Assert.That(last.Split(',')[2], Is.EqualTo "300")
            Assert.That(last.Split(',').Length, Is.EqualTo(lines[0].Split(',').Length))
            Assert.That(File.ReadAllText(Path.Combine(folder, "report.html")), Does.Contain "Ledger of neusquarecb"))

        let _, without, _ = invoke small
        Assert.That(without, Does.Not.Contain "ledger")

    [<Test>]
    member _.``a cancelled run says so and ends with 1, without an exception``() =
        let code, _, error = invokeWith (CancellationToken true) small
        Assert.That((code = 1))
        Assert.That(error.Contains "nterrupted", error)

    [<TestCase("run --data tic-tac-to --algorithms uniform", "did you mean 'tic-tac-toe'?")>]
    [<TestCase("run --data tic-tac-toe --algorithms unifrm", "did you mean 'uniform'?")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --set gama=power", "did you mean 'gamma'?")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --set gamma", "--set is gamma")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --seeds 4..1", "--seeds is 4..1")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --rounds 0", "--rounds is 0")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --protocol rotating", "protocol is 'rotating'")>]
    [<TestCase("run --algorithms linucb", "--data")>]
    [<TestCase("run --data tic-tac-toe", "--algorithms")>]
    [<TestCase("run --data tic-tac-toe --algorithms linucb --rouns 5", "--rouns")>]
    [<TestCase("data export tic-tac-toe --format csw", "did you mean 'csv'?")>]
    [<TestCase("data show monks-9", "did you mean 'monks-1'?")>]
    [<TestCase("", "Required command")>]
    member _.``wrong usage ends with 2 and a sentence that helps``(line: string, sentence: string) =
        let code, out, error = invoke line
        Assert.That((code = 2), error)
        Assert.That(error.Contains sentence, error)
        Assert.That((out = ""), out)

    [<TestCase("run --data there-is-no.csv --algorithms uniform")>]
    [<TestCase("data show there-is-no.csv")>]
    [<TestCase("data show linear")>]
    [<TestCase("data export tic-tac-toe --out no/such/folder/x.csv")>]
    [<TestCase("data export tic-tac-toe --format idx")>]
    member _.``what cannot be done ends with 1 and a sentence``(line: string) =
        let code, _, error = invoke line
        Assert.That((code = 1), error)
        Assert.That(error.Trim().Length > 10)
        Assert.That(error.Contains "   at ", Is.False, "a stack trace")

    [<Test>]
    member _.``help ends with 0 and lists algorithms, settings and examples``() =
        let code, out, _ = invoke "run --help"
        Assert.That((code = 0))

        for struct (name, _) in Hindsight.BanditSettings.Algorithms do
            Assert.That(out.Contains name, name)

        for struct (key, _, _) in Hindsight.BanditSettings.Describe() do
            Assert.That(out.Contains key, key)

        Assert.That(out.Contains "Examples:")

    [<Test>]
    member _.``data list has every set of the catalogue``() =
        let code, out, _ = invoke "data list"
        Assert.That((code = 0))

        for name in Catalog.names do
            Assert.That(out.Contains name, name)

    [<Test>]
    member _.``data show has columns and class counts``() =
        let code, out, _ = invoke "data show balance-scale"
        Assert.That((code = 0))
        Assert.That(out.Contains "625 rows")
        Assert.That(out.Contains "288")
        Assert.That(out.Contains "49")

    [<TestCase("csv", "csv")>]
    [<TestCase("csv", "csv.gz")>]
    [<TestCase("arff", "arff")>]
    [<TestCase("libsvm", "libsvm")>]
    member _.``what is exported can be run``(format: string, extension: string) =
        inFolder (fun folder ->
            let path = Path.Combine(folder, "balance." + extension)
            let code, _, error = invoke $"data export balance-scale --format {format} --out {path}"
            Assert.That((code = 0), error)
            let code, out, error = invoke $"run --data {path} --algorithms uniform --rounds 50 --seeds 3 --json"
            Assert.That((code = 0), error)
            Assert.That(out.Contains "\"rounds\":50"))

    [<Test>]
    member _.``images are exported with their labels``() =
        inFolder (fun folder ->
            let path = Path.Combine(folder, "led-images-idx3-ubyte")
            let code, _, error = invoke $"data export led-images --format idx --shape 9x6 --out {path}"
            Assert.That((code = 0), error)
            Assert.That(File.Exists(Path.Combine(folder, "led-labels-idx1-ubyte")))
            let code, _, error = invoke $"run --data {path} --algorithms uniform --rounds 50 --seeds 0"
            Assert.That((code = 0), error))
