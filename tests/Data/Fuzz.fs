namespace Hindsight.Tests.Data

open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open NUnit.Framework
open Hindsight
open Hindsight.Data
open Hindsight.Data.Readers
open Hindsight.Tests.Data.Support

/// Files that are not what they seem: a reader answers with a table or an error, soon and in little memory.
[<TestFixture>]
type FuzzTests() =

    /// Texts that mean something to one reader or another.
    let tokens =
        [|
            "\""
            "'"
            ","
            ";"
            "\t"
            "\n"
            "\r\n"
            "\\"
            "{"
            "}"
            "%"
            "?"
            "#"
            ":"
            "1e999"
            "-0"
            "NaN"
            "2147483648"
            "99999999999999999999"
            "@data\n"
            "@attribute a {"
            "\000"
            "\uFEFF"
            "é"
        |]
        |> Array.map utf8

    let mutate (random: RandomStream) (valid: byte[]) =
        let mutable bytes = Array.copy valid

        for _ in 0 .. random.NextInt 3 do
            let place = random.NextInt(bytes.Length + 1)
            let length = random.NextInt(1 + min 40 (bytes.Length - place))

            bytes <-
                match random.NextInt 7 with
                | 0 -> bytes[.. place - 1]
                | 1 -> Array.append bytes[.. place - 1] bytes[place + length ..]
                | 2 -> Array.concat [ bytes[.. place - 1]; bytes[place .. place + length - 1]; bytes[place..] ]
                | 3 -> Array.concat [ bytes[.. place - 1]; tokens[random.NextInt tokens.Length]; bytes[place..] ]
                | 4 -> Array.init (random.NextInt 200) (fun _ -> byte (random.NextInt 256))
                | _ ->
                    if place < bytes.Length then
                        bytes[place] <- byte (random.NextInt 256)

                    bytes

        bytes

    /// Reads everything that can be read: one pass as an environment, whose contexts must be finite.
    let exhaust (opened: Result<ITable, HindsightError>) =
        match opened with
        | Error error -> error.Message.Length > 0
        | Ok table ->
            use table = table
            let environment = ok (Classification.environment table (Protocol.Rotating 3) 0)

            rounds environment 0UL 50
            |> Array.forall (fun round ->
                Array.forall Double.IsFinite round.Context && Array.sum round.Costs = float (environment.Arms - 1))

    let run count (attempt: RandomStream -> Result<ITable, HindsightError>) =
        let seed = uint64 DateTime.UtcNow.Ticks
        let clock = Stopwatch()
        let mutable tables = 0

        for i in 0UL .. count - 1UL do
            let random = RandomStream(seed, i)
            let allocated = GC.GetAllocatedBytesForCurrentThread()
            clock.Restart()

            let result =
                try
                    let opened = attempt random

                    if opened.IsOk then
                        tables <- tables + 1

                    if exhaust opened then
                        ""
                    else
                        "an infinite context, or costs that are no costs"
                with e ->
                    string e

            let elapsed = clock.ElapsedMilliseconds
            let allocated = GC.GetAllocatedBytesForCurrentThread() - allocated
            Assert.That(result, Is.Empty, $"seed {seed}, input {i}")
            Assert.That(elapsed, Is.LessThanOrEqualTo 1000L, $"milliseconds at seed {seed}, input {i}")
            Assert.That(allocated, Is.LessThan 100_000_000L, $"bytes at seed {seed}, input {i}")
        // inputs that are all refused, or all accepted, test little
        Assert.That(tables, Is.InRange(int count / 100, int count * 99 / 100), $"seed {seed}")

    /// The head and some rows of a fixture: many inputs are worth more than long ones.
    let some name =
        let lines = File.ReadAllLines(fixture name)

        Array.append (Array.truncate 10 lines) (Array.init 10 (fun i -> lines[(i + 1) * (lines.Length - 1) / 10]))
        |> String.concat "\n"
        |> utf8

    let csv = lazy (some "tic-tac-toe.csv")
    let arff = lazy (some "balance-scale.arff")
    let libsvm = lazy (some "monks-1.libsvm")

    let pack bytes =
        use memory = new MemoryStream()
        using (new GZipStream(memory, CompressionLevel.Fastest)) (fun gzip -> gzip.Write(ReadOnlySpan(bytes: byte[])))
        memory.ToArray()

    let packed = lazy (pack csv.Value)

    let images =
        lazy (File.ReadAllBytes(fixture "led-images-idx3-ubyte"), File.ReadAllBytes(fixture "led-labels-idx1-ubyte"))

    let options (random: RandomStream) =
        { ReadOptions.Default with
            Header = random.NextInt 2 = 0
            Label = if random.NextInt 2 = 0 then null else "0"
        }

    let fuzz format count =
        let text reader (valid: Lazy<byte[]>) =
            run count (fun random -> read reader (options random) "fuzz" (mutate random valid.Value))

        // damaged outside, or sound outside and damaged within
        let twice random =
            let bytes =
                match (random: RandomStream).NextInt 2 with
                | 0 -> mutate random packed.Value
                | _ -> pack (mutate random csv.Value)

            read Csv.read (options random) "fuzz" bytes

        match format with
        | "csv" -> text Csv.read csv
        | "gzip" -> run count twice
        | "arff" -> text Arff.read arff
        | "libsvm" -> text Libsvm.read libsvm
        | _ ->
            run count (fun random ->
                let first, second = images.Value
                let first = if random.NextInt 2 = 0 then mutate random first else first

                let second =
                    if random.NextInt 2 = 0 then
                        mutate random second
                    else
                        second

                ByteSource.OfArray("images", first)
                |> Result.bind (fun images ->
                    ByteSource.OfArray("labels", second) |> Result.bind (Idx.read (options random) images)))

    [<TestCase("csv")>]
    [<TestCase("gzip")>]
    [<TestCase("arff")>]
    [<TestCase("libsvm")>]
    [<TestCase("idx")>]
    member _.``a thousand damaged files of each format bring no reader down``(format: string) = fuzz format 1000UL

    [<TestCase("csv")>]
    [<TestCase("gzip")>]
    [<TestCase("arff")>]
    [<TestCase("libsvm")>]
    [<TestCase("idx")>]
    [<Category("Long")>]
    member _.``a million damaged files of each format bring no reader down``(format: string) = fuzz format 1000000UL
