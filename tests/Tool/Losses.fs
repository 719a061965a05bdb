namespace Hindsight.Tests.Tool

open System
open System.Globalization
open System.IO
open System.Text.Json
open System.Threading
open System.Xml.Linq
open NUnit.Framework
open FsCheck
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

/// Multinomial logistic loss, in the plainest form: for what the tool does with class scores, whatever the library has.
[<Struct; NoComparison; NoEquality>]
type PlainSoftmax =
    interface IMulticlassLoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            let mutable sum = 'T.Exp scores[0]

            for i in 1 .. scores.Length - 1 do
                sum <- 'T.op_Addition (sum, 'T.Exp scores[i])

            'T.op_Subtraction ('T.Log sum, scores[label])

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { LossMetadata.Default with
                Name = "PlainSoftmax"
            }

/// The commands about losses, from arguments to an exit code, output and files.
[<TestFixture>]
type LossCommandLaws() =

    let invoke (arguments: string list) =
        use out = new StringWriter()
        use error = new StringWriter()

        let code =
            Program.run
                {
                    Out = out
                    Error = error
                    Cancel = CancellationToken.None
                }
                (Array.ofList arguments)

        code, out.ToString(), error.ToString()

    let words (line: string) =
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

    /// The JSON of a question, read by a function.
    let json arguments (read: JsonElement -> 'R) =
        let code, out, error = invoke (arguments @ [ "--json" ])
        Assert.That((code = 0), error)
        Assert.That((out.Trim().Split '\n').Length = 1, out)
        use document = JsonDocument.Parse out
        read document.RootElement

    let inFolder (test: string -> unit) =
        let folder = Directory.CreateTempSubdirectory("hindsight-").FullName

        try
            test folder
        finally
            Directory.Delete(folder, true)

    [<Test>]
    member _.``the list has every loss of the registry, as a table and as JSON``() =
        let code, out, _ = invoke [ "loss"; "list" ]
        Assert.That((code = 0))

        for entry in Losses.all do
            Assert.That(out.Contains entry.Name, entry.Name)

        let names =
            json [ "loss"; "list" ] (fun root ->
                [ for e in root.EnumerateArray() -> e.GetProperty("name").GetString() ])

        Assert.That((names = [ for e in Losses.all -> e.Name ]))

    [<Test>]
    member _.``the answer has exactly the promised keys``() =
        let keys =
            json (words "loss squared --label 1 --score 0.5") (fun root ->
                [ for p in root.EnumerateObject() -> p.Name ])

        Assert.That(
            (keys =
                [
                    "name"
                    "parameters"
                    "label"
                    "score"
                    "value"
                    "gradient"
                    "hessian"
                    "formula"
                    "source"
                ])
        )

    [<Property(MaxTest = 30)>]
    member _.``numbers are those of the library, to the last bit``(seed: int) =
        let rng = Random seed
        let y, z = rng.NextDouble(), 6.0 * rng.NextDouble() - 3.0

        let text (x: float) =
            x.ToString("R", CultureInfo.InvariantCulture)

        for entry, loss in [ "binary-cross-entropy", BinaryCrossEntropy() :> ILoss; "squared", Squared() ] do
            let struct (value, slope, curvature) = Loss.jet loss y z

            json [ "loss"; entry; "--label"; text y; "--score"; text z ] (fun root ->
                Assert.That(root.GetProperty("value").GetDouble() = value)
                Assert.That(root.GetProperty("gradient").GetDouble() = slope)
                Assert.That(root.GetProperty("hessian").GetDouble() = curvature)
                Assert.That((root.GetProperty("formula").GetString() = (Formula.ofLoss loss).Infix)))

    [<Test>]
    member _.``a formula in quotes answers as the loss that it is the formula of``() =
        let question name =
            json [ "loss"; name; "--label"; "0.25"; "--score"; "-1.5" ] (fun root ->
                root.GetProperty("value").GetRawText(), root.GetProperty("gradient").GetRawText())

        Assert.That((question "(z - y)^2" = question "squared"))

    [<Test>]
    member _.``a formula's parameters come by --set``() =
        json [ "loss"; "max(0, k - y*z)"; "--set"; "k=2"; "--label"; "-1"; "--score"; "0.5" ] (fun root ->
            Assert.That(root.GetProperty("value").GetDouble() = 2.5)
            Assert.That(root.GetProperty("gradient").GetDouble() = 1.0)
            Assert.That(root.GetProperty("parameters").GetProperty("k").GetDouble() = 2.0))

    [<Test>]
    member _.``the printed answer has value, derivatives, formula and source``() =
        let code, out, _ = invoke (words "loss half-squared --label 1 --score 0.5")
        Assert.That((code = 0))

        for line in [ "0.5*(z - y)^2"; "0.125"; "-0.5"; "definition"; "second derivative" ] do
            Assert.That(out.Contains line, out)

    [<Test>]
    member _.``numbers have a point in every culture``() =
        let before = CultureInfo.CurrentCulture

        try
            let culture = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
            culture.NumberFormat.NumberDecimalSeparator <- ","
            CultureInfo.CurrentCulture <- culture
            let code, out, error = invoke (words "loss squared --label 0.5 --score 0.75")
            Assert.That((code = 0), error)
            Assert.That(out.Contains "0.0625", out)
        finally
            CultureInfo.CurrentCulture <- before

    [<Test>]
    member _.``every row of the registry answers at its defaults``() =
        for entry in Losses.all do
            let m = entry.Metadata entry.Defaults

            let inside (d: Domain) =
                [ 1.0; 0.5; 0.0; 2.0; d.Low; d.High ]
                |> List.find d.Contains
                |> _.ToString("R", CultureInfo.InvariantCulture)

            let label, score =
                match entry.Definition with
                | LossDefinition.Scalar _ -> inside m.Label, inside m.Score
                | LossDefinition.Multiclass _ -> "1", "0.3,-0.2,0.1"

            json [ "loss"; entry.Name; "--label"; label; "--score"; score ] (fun root ->
                let value = root.GetProperty "value"
                Assert.That((value.ValueKind = JsonValueKind.Number), entry.Name)

                match entry.Definition with
                | LossDefinition.Scalar _ -> ()
                | LossDefinition.Multiclass _ ->
                    Assert.That(root.GetProperty("gradient").GetArrayLength() = 3, entry.Name)
                    Assert.That(root.GetProperty("hessian").GetArrayLength() = 3, entry.Name))

    [<Test>]
    member _.``gradient and Hessian of class scores: softmax less the class, and diag(s) - s s'``() =
        let scores = [| 0.5; -1.0; 2.0 |]
        let sum = Array.sumBy exp scores
        let s = scores |> Array.map (fun z -> exp z / sum)
        let struct (value, gradient) = LossQuestions.gradient (PlainSoftmax()) 1 scores
        let hessian = LossQuestions.hessian (PlainSoftmax()) 1 scores
        // three exponentials, a sum and a quotient: a few roundings
        let near (a: float) (b: float) =
            abs (a - b) <= 8.0 * (BitConverter.Int64BitsToDouble 0x3CB0000000000000L)

        Assert.That(near value (log sum - scores[1]))

        for i in 0..2 do
            Assert.That(near gradient[i] (s[i] - (if i = 1 then 1.0 else 0.0)))

            for j in 0..2 do
                Assert.That(near (hessian[i][j]) ((if i = j then s[i] else 0.0) - s[i] * s[j]))

    [<TestCase("loss sqared --label 1 --score 0", "did you mean 'squared'?")>]
    [<TestCase("loss squared --score 0", "--label is missing")>]
    [<TestCase("loss squared --label 1", "--score is missing")>]
    [<TestCase("loss", "NAME is missing")>]
    [<TestCase("loss squared --label x --score 0", "--label is x")>]
    [<TestCase("loss squared --label 1 --score 1,5", "--score is 1,5")>]
    [<TestCase("loss squared --label 1 --score nan", "--score is nan")>]
    [<TestCase("loss squared --label 2 --score 0", "--label is 2; allowed is a finite number in [0, 1]")>]
    [<TestCase("loss squared --label 1 --score 0 --set a=1", "--set is a; allowed is nothing")>]
    [<TestCase("loss k*z --label 1 --score 0 --set k=x", "--set k is x")>]
    [<TestCase("loss z+*y --label 1 --score 0", "character 3")>]
    [<TestCase("loss x*y --label 1 --score 0", "no name 'x'")>]
    [<TestCase("plot loss squared", "--out is missing")>]
    [<TestCase("plot loss squared --out a.pdf", "--out is a.pdf")>]
    [<TestCase("plot loss squared --out a.svg --score 3,1", "--score is 3,1")>]
    [<TestCase("plot loss squared --out a.svg --label 0,3", "--label is 3")>]
    [<TestCase("plot loss sqared --out a.svg", "did you mean 'squared'?")>]
    member _.``wrong questions end with 2 and a sentence that names the argument``(line: string, sentence: string) =
        let code, out, error = invoke (words line)
        Assert.That((code = 2), error)
        Assert.That(error.Contains sentence, error)
        Assert.That((out = ""), out)

    [<Test>]
    member _.``a class is an index into the scores``() =
        for bad in [ -1.0; 3.0; 0.5 ] do
            match LossQuestions.classIndex bad 3 with
            | Error(HindsightError.OutOfRange("--label", _, allowed)) -> Assert.That(allowed, Does.Contain "0 to 2")
            | other -> Assert.Fail(string other)

        Assert.That((LossQuestions.classIndex 2.0 3 = Ok 2))

    [<Test>]
    member _.``a figure has a curve for each label in both panels, and its formula``() =
        inFolder (fun folder ->
            let path = Path.Combine(folder, "loss.svg")

            let code, _, error =
                invoke
                    [
                        "plot"
                        "loss"
                        "half-squared"
                        "--label"
                        "0,0.5,1"
                        "--score"
                        "-1,2"
                        "--out"
                        path
                    ]

            Assert.That((code = 0), error)
            let root = XDocument.Load(path).Root

            let titles =
                root.Descendants()
                |> Seq.filter (fun e -> e.Name.LocalName = "title" && e.Parent.Name.LocalName = "polyline")
                |> Seq.countBy _.Value
                |> Map.ofSeq

            Assert.That((titles = Map [ "label 0", 2; "label 0.5", 2; "label 1", 2 ]))
            Assert.That(File.ReadAllText(path).Contains "0.5*(z - y)^2"))

    [<Test>]
    member _.``where a loss is infinite the curve is interrupted, and everything drawn is on the paper``() =
        let loss = Formula.parse "if z >= 1 then log(z - 1) else abs(z)" |> Require.ok
        let drawing = LossCharts.draw "a" "" [| LossCharts.curve loss -3.0 3.0 0.0 |]

        let curves =
            drawing.Marks
            |> List.choose (fun mark ->
                match mark with
                | Line("label 0", _, points) -> Some points
                | _ -> None)

        Assert.That(curves.Length, Is.GreaterThanOrEqualTo 3)

        for points in curves do
            for p in points do
                Assert.That(p.X >= 0.0 && p.X <= drawing.Width && p.Y >= 0.0 && p.Y <= drawing.Height)

    [<Test>]
    member _.``a PNG is one``() =
        inFolder (fun folder ->
            let path = Path.Combine(folder, "loss.png")
            let code, _, error = invoke [ "plot"; "loss"; "kullback-leibler"; "--out"; path ]
            Assert.That((code = 0), error)
            Assert.That(File.ReadAllBytes(path)[..3] = [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy |]))

    [<Property>]
    member _.``ticks lie between the ends, evenly, three to seven``(low: int, length: PositiveInt) =
        let low, high = float low / 7.0, (float low + float length.Get) / 7.0
        let ticks = LossCharts.ticks low high
        let slack = 1e-6 * (high - low)

        ticks |> Array.forall (fun t -> t >= low - slack && t <= high + slack)
        && ticks.Length >= 3
        && ticks.Length <= 7
        && Array.pairwise ticks |> Array.forall (fun (a, b) -> b > a)

    [<Test>]
    member _.``a certificate encloses the constants of the logistic loss on a box``() =
        json (words "certify binary-cross-entropy --label 0,1 --score -3,3") (fun root ->
            let between (name: string) value =
                let e = root.GetProperty name

                Assert.That(
                    e.GetProperty("low").GetDouble() <= value && value <= e.GetProperty("high").GetDouble(),
                    name
                )

            let s = 1.0 / (1.0 + exp -3.0)
            between "lipschitz" s
            between "smoothness" 0.25
            between "strongConvexity" (s * (1.0 - s)))

    [<TestCase("certify squared --label 0,1", "--score is missing")>]
    [<TestCase("certify squared --label 0,1 --score 2", "--score is 2")>]
    [<TestCase("certify squared --label 0,1 --score 3,-3", "--score is 3,-3")>]
    [<TestCase("certify sqared --label 0,1 --score -3,3", "did you mean 'squared'?")>]
    [<TestCase("certify squared --label 0,7 --score -3,3", "label")>]
    member _.``a box that is none ends with 2``(line: string, sentence: string) =
        let code, out, error = invoke (words line)
        Assert.That((code = 2), error)
        Assert.That(error.Contains sentence, error)
        Assert.That((out = ""), out)

    [<Test>]
    member _.``help ends with 0 and has examples``() =
        for line in [ "loss --help"; "loss list --help"; "plot --help"; "plot loss --help" ] do
            let code, out, _ = invoke (words line)
            Assert.That((code = 0))
            Assert.That(out.Contains "hindsight loss binary-cross-entropy", line)
