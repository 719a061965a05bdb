namespace Hindsight.Tests.Data

open System
open System.IO
open System.IO.Compression
open System.Text
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.Data
open Hindsight.Data.Generators
open Hindsight.Data.Readers
open Hindsight.Tests.Data.Support

/// A table read back equals the table written, as texts.
module RoundTrip =
    let same (original: ITable) (back: ITable) =
        texts original = texts back && Set original.Schema.Classes = Set back.Schema.Classes

    /// LIBSVM and IDX keep numbers only: compare the one-hot form.
    let sameNumbers (original: ITable) (back: ITable) =
        let numbers (table: ITable) =
            rows table
            |> Array.map (fun (values, label) ->
                let expand (column: Column) value =
                    if column.IsNumeric then
                        [| value |]
                    else
                        Array.init column.Width (fun i -> if float i = value then 1.0 else 0.0)

                Seq.map2 expand table.Schema.Columns values |> Array.concat, table.Schema.Classes[label])

        numbers original = numbers back

[<TestFixture>]
type ReaderTests() =

    let csv text =
        read Csv.read ReadOptions.Default "test.csv" (utf8 text)

    let csvWith options text =
        read Csv.read options "test.csv" (utf8 text)

    let arff text =
        read Arff.read ReadOptions.Default "test.arff" (utf8 text)

    let libsvm text =
        read Libsvm.read ReadOptions.Default "test.libsvm" (utf8 text)

    let idx images labels =
        ByteSource.OfArray("images", images)
        |> Result.bind (fun images ->
            ByteSource.OfArray("labels", labels) |> Result.bind (Idx.read ReadOptions.Default images))

    let malformed (position: string) (reason: string) result =
        match error result with
        | HindsightError.Malformed(_, at, why) ->
            Assert.That(at, Is.EqualTo position)
            Assert.That(why, Does.Contain reason)
        | other -> Assert.Fail other.Message

    let classes (table: ITable) = table.Schema.Classes |> List.ofArray

    let columns (table: ITable) =
        [ for c in table.Schema.Columns -> c.Name, c.Width ]

    let value row column table =
        let values, _ = Array.item row (rows table)
        values[column]

    let pack bytes =
        use memory = new MemoryStream()

        using (new GZipStream(memory, CompressionLevel.Optimal)) (fun gzip -> gzip.Write(ReadOnlySpan(bytes: byte[])))

        memory.ToArray()

    [<Test>]
    member _.``the fixtures are what the exporter writes now``() =
        for name, write in exports do
            // set HINDSIGHT_WRITE_FIXTURES to write them anew
            if not (isNull (Environment.GetEnvironmentVariable "HINDSIGHT_WRITE_FIXTURES")) then
                File.WriteAllBytes(fixture name, write ())

            Assert.That((File.ReadAllBytes(fixture name) = write ()), name)

    [<Test>]
    member _.``tic-tac-toe reads back from CSV``() =
        use table = ok (Source.openTable (SourceOptions.For(fixture "tic-tac-toe.csv")))

        Assert.That(RoundTrip.same (TicTacToe.table ()) table)

    [<Test>]
    member _.``the balance scale reads back from ARFF``() =
        use table = ok (Source.openTable (SourceOptions.For(fixture "balance-scale.arff")))

        Assert.That(RoundTrip.same (BalanceScale.table ()) table)
        Assert.That((classes table = [ "L"; "B"; "R" ]))

    [<Test>]
    member _.``a MONK's problem reads back from LIBSVM``() =
        use table = ok (Source.openTable (SourceOptions.For(fixture "monks-1.libsvm")))

        Assert.That(RoundTrip.sameNumbers (ok (Monks.table 1)) table)

    [<Test>]
    member _.``digits read back from IDX, with the label file found by its name``() =
        use table = ok (Source.openTable (SourceOptions.For(fixture "led-images-idx3-ubyte")))

        Assert.That(RoundTrip.sameNumbers (Led.images 100 0UL) table)

    [<Test>]
    member _.``every catalogue table with categories reads back from ARFF``() =
        for table in
            [
                TicTacToe.table ()
                ok (Monks.table 2)
                Poker.table 500 1UL
                ok (Waveform.table 21 100 1UL)
            ] do
            use writer = new StringWriter()
            Export.arff table writer
            Assert.That(RoundTrip.same table (ok (arff (writer.ToString()))), table.Schema.Name)

    [<Test>]
    member _.``numbers read back bit for bit from CSV, ARFF and LIBSVM``() =
        let table = ok (Waveform.table 40 200 4UL)

        for write, parse in [ Export.csv, csv; Export.arff, arff; Export.libsvm, libsvm ] do
            use writer = new StringWriter()
            write table writer
            Assert.That((rows (ok (parse (writer.ToString()))) = rows table))

    [<TestCase(".csv")>]
    [<TestCase(".csv.gz")>]
    [<TestCase(".arff")>]
    [<TestCase(".arff.gz")>]
    member _.``files that the exporter writes by name are read by name``(extension: string) =
        let path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}{extension}")

        try
            ok (Export.toFile (TicTacToe.table ()) path)
            use table = ok (Source.openTable (SourceOptions.For path))
            Assert.That(RoundTrip.same (TicTacToe.table ()) table)
        finally
            File.Delete path

    [<Test>]
    member _.``names and categories with quotes, commas and line ends survive CSV; with quotes and commas, ARFF``() =
        let table texts =
            Table.ofRows
                {
                    Name = "odd"
                    Columns = [| Column.Categorical("a, 'b' \"c\"", texts); Column.Numeric "y" |]
                    Classes = [| "no, never"; "yes" |]
                }
                [|
                    for i in 0 .. 2 * Array.length texts - 1 -> struct ([| float (i / 2); -0.5 |], i % 2)
                |]

        let odd = [| "x,y"; "'"; "\"q\""; "back\\slash"; "per%cent"; "{b}" |]
        use writer = new StringWriter()
        Export.csv (table (Array.append odd [| "two\nlines"; "two\r\nlines" |])) writer

        Assert.That(
            RoundTrip.same (table (Array.append odd [| "two\nlines"; "two\r\nlines" |])) (ok (csv (writer.ToString())))
        )

        use writer = new StringWriter()
        Export.arff (table odd) writer
        Assert.That(RoundTrip.same (table odd) (ok (arff (writer.ToString()))))

    [<Property>]
    member _.``fields between delimiters are what CsvHelper's writer was given``(cells: FsCheck.NonEmptyString[]) =
        // spaces at the ends are trimmed, empty and missing texts are no categories, U+FFFD is what invalid text becomes
        let clean (cell: FsCheck.NonEmptyString) =
            Encoding.UTF8.GetString(Encoding.UTF8.GetBytes cell.Get).Replace("\000", "").Trim()

        let cells =
            cells
            |> Array.map clean
            |> Array.filter (fun cell ->
                cell <> "" && cell <> "?" && cell.ToUpperInvariant() <> "NA" && cell.ToUpperInvariant() <> "NAN")
            |> Array.append [| "text" |]
            |> Array.distinct

        let table =
            Table.ofRows
                {
                    Name = "cells"
                    Columns = [| Column.Categorical("a", cells) |]
                    Classes = [| "0"; "1" |]
                }
                [| for i in 0 .. 2 * cells.Length - 1 -> struct ([| float (i / 2) |], i % 2) |]

        use writer = new StringWriter()
        Export.csv table writer
        RoundTrip.same table (ok (csv (writer.ToString())))

    [<Test>]
    member _.``columns are numeric if every value is a number, and categories are sorted``() =
        use table = ok (csv "n,c,class\n1,b,x\n-2.5e3,a,y\n?,10,x\n")
        Assert.That((columns table = [ "n", 1; "c", 3 ]))
        Assert.That((table.Schema.Columns[1].Categories = [| "10"; "a"; "b" |]))
        Assert.That(value 1 0 table, Is.EqualTo -2500.0)
        Assert.That(value 2 0 table, Is.NaN)

    [<Test>]
    member _.``a missing category is a category of its own, a missing number becomes 0``() =
        let text = "n,c,class\n1,a,x\n3,NA,y\n,b,x\n"
        use table = ok (csv text)
        Assert.That((table.Schema.Columns[1].Categories = [| "a"; "b"; "?" |]))
        let environment = ok (Classification.environment table Protocol.Iid 0)

        for round in rounds environment 0UL 3 do
            Assert.That(Array.forall Double.IsFinite round.Context)
            Assert.That(Array.sum round.Context[1..], Is.EqualTo 1.0)

    [<Test>]
    member _.``missing texts can be declared``() =
        let options =
            { ReadOptions.Default with
                Missing = [| "-9" |]
            }

        use table = ok (csvWith options "n,class\n1,x\n-9,y\n")
        Assert.That(value 1 0 table, Is.NaN)

    [<TestCase("a,b,class\n1,2,x\n3,4,y\n")>]
    [<TestCase("a;b;class\r\n1;2;x\r\n3;4;y")>]
    [<TestCase("a\tb\tclass\n1\t2\tx\n\n3\t4\ty\n\n")>]
    [<TestCase("\uFEFFa,b,class\r1,2,x\r3,4,y\r")>]
    [<TestCase("\"a\" , b,\"class\"\n 1,\"2\" ,x\n3,4,y\n")>]
    member _.``delimiters, line ends, byte order marks, blank lines and spaces do not matter``(text: string) =
        use table = ok (csv text)
        Assert.That((columns table = [ "a", 1; "b", 1 ]))
        Assert.That((rows table = [| [| 1.0; 2.0 |], 0; [| 3.0; 4.0 |], 1 |]))

    [<TestCase(null, "y,n")>]
    [<TestCase("first", "1,2")>]
    [<TestCase("0", "1,2")>]
    [<TestCase("-1", "p,q")>]
    [<TestCase("CLASS", "y,n")>]
    member _.``the label is a column by name or index, or the column that is called class``
        (label: string, expected: string)
        =
        let options =
            { ReadOptions.Default with
                Label = label
            }

        use table = ok (csvWith options "first,Class,last\n1,y,p\n2,n,q\n")
        Assert.That((Set(classes table) = Set(expected.Split ',')))

    [<Test>]
    member _.``without names the label is the last column``() =
        let options =
            { ReadOptions.Default with
                Header = false
            }

        use table = ok (csvWith options "1,2,x\n3,4,y\n")
        Assert.That(table.Rows, Is.EqualTo 2)
        Assert.That((columns table = [ "x1", 1; "x2", 1 ]))
        Assert.That((classes table = [ "x"; "y" ]))

    [<Test>]
    member _.``a label column that does not exist is an error with the nearest name or the range``() =
        let named label =
            error (
                csvWith
                    { ReadOptions.Default with
                        Label = label
                    }
                    "weight,kind\n1,x\n2,y\n"
            )

        match named "wieght", named "5" with
        | HindsightError.UnknownName(_, _, "weight", _), HindsightError.OutOfRange("label", "'5'", _) -> ()
        | other -> Assert.Fail(string other)

    [<Test>]
    member _.``columns can be left out``() =
        let options =
            { ReadOptions.Default with
                Ignore = [| "id"; "1" |]
            }

        use table = ok (csvWith options "id,b,c,class\n1,2,3,x\n2,4,5,y\n")
        Assert.That((columns table = [ "c", 1 ]))

    [<TestCase("", "line 1", "empty")>]
    [<TestCase("a,class\n", "line 2", "no rows")>]
    [<TestCase("a,class\n1,x\n1,2,y\n", "line 3", "3 fields instead of 2")>]
    [<TestCase("a,class\n1,x\n2,\"y\n3,z\n", "line 3", "not closed")>]
    [<TestCase("a,class\n1,x\n2,\"y\"z\n", "line 3", "quote")>]
    [<TestCase("a,class\n1,x\n\n2,?\n", "line 4", "missing")>]
    [<TestCase("a,class\n1,x\n2,x\n", "its labels", "only one class")>]
    [<TestCase("class\nx\ny\n", "its columns", "no column")>]
    [<TestCase("a,class\n\"1\n\n2\",x\n1,2,3\n", "line 5", "3 fields")>]
    member _.``a malformed CSV file is an error with its line and reason``
        (text: string, position: string, reason: string)
        =
        csv text |> malformed position reason

    [<Test>]
    member _.``UTF-16 is recognised and refused``() =
        read
            Csv.read
            ReadOptions.Default
            "x"
            (Array.append [| 0xFFuy; 0xFEuy |] (Encoding.Unicode.GetBytes "a,b\n1,x\n"))
        |> malformed "byte 0" "UTF-16"

    [<TestCase("@attribute a numeric\n@attribute c {x,y}\n@data\n", "line 4", "no rows")>]
    [<TestCase("@relation r\n@attribute a numeric\n", "line 2", "before @data")>]
    [<TestCase("@attribute a fancy\n@data\n", "line 1", "fancy")>]
    [<TestCase("@attribute a\n@data\n", "line 1", "name and a type")>]
    [<TestCase("nonsense\n", "line 1", "@relation")>]
    [<TestCase("@attribute a numeric\n@attribute c {x,y}\n@data\n1,x\nb,y\n", "line 5", "not a finite number")>]
    [<TestCase("@attribute a numeric\n@attribute c {x,y}\n@data\n1,x\n1,z\n", "column 'c'", "not declared")>]
    [<TestCase("@attribute a numeric\n@attribute c {x,y}\n@data\n1,x\n{7 y}\n", "line 5", "index from 0 to 1")>]
    [<TestCase("@attribute a numeric\n@attribute c {x,y}\n@data\n1,x\n1,'y\n", "line 5", "quote")>]
    [<TestCase("@data\n1,x\n", "line 1", "no attributes")>]
    member _.``a malformed ARFF file is an error with its line and reason``
        (text: string, position: string, reason: string)
        =
        arff text |> malformed position reason

    [<Test>]
    member _.``ARFF: comments, case, quotes, strings, sparse rows and missing values``() =
        let text =
            """% a comment
@RELATION 'a relation'
@attribute "the number" REAL
@Attribute kind {'a b', 'it\'s', c}
@attribute note string
@attribute class {no, yes}

@DATA
1, 'a b', first, yes
% another
?, "it's", second, no
{0 2.5, 3 yes, 2 first}
"""

        use table = ok (arff text)
        Assert.That((columns table = [ "the number", 1; "kind", 3; "note", 2 ]))
        Assert.That((classes table = [ "no"; "yes" ]))
        Assert.That(Array.item 0 (texts table) = [| "1"; "a b"; "first"; "yes" |])
        Assert.That(Array.item 2 (texts table) = [| "2.5"; "a b"; "first"; "yes" |])
        Assert.That(value 1 0 table, Is.NaN)

    [<Test>]
    member _.``LIBSVM: comments, signs, absent values and indices from 0``() =
        use table = ok (libsvm "# a comment\n+1 1:0.5 3:-2 # note\n-1 2:1e3\n1\n")
        Assert.That((classes table = [ "-1"; "1" ]))
        Assert.That((rows table = [| [| 0.5; 0.0; -2.0 |], 1; [| 0.0; 1000.0; 0.0 |], 0; [| 0.0; 0.0; 0.0 |], 1 |]))
        use zero = ok (libsvm "a 0:1\nb 1:1\n")
        Assert.That(zero.Schema.Columns.Length, Is.EqualTo 2)

    [<TestCase("", "line 1", "no rows")>]
    [<TestCase("1 1:1\n2 1:x\n", "line 2", "not a finite number")>]
    [<TestCase("1 1:1\n2 -1:1\n", "line 2", "index:value")>]
    [<TestCase("1 1:1\n2 2147483647:1\n", "line 2", "index:value")>]
    [<TestCase("1 1:1\n1:1\n", "line 2", "no label")>]
    [<TestCase("1 1:1\n1 1:2\n", "its labels", "only one class")>]
    member _.``a malformed LIBSVM file is an error with its line and reason``
        (text: string, position: string, reason: string)
        =
        libsvm text |> malformed position reason

    [<Test>]
    member _.``an IDX header that does not fit the file is an error, without room for what it claims``() =
        let images, labels =
            File.ReadAllBytes(fixture "led-images-idx3-ubyte"), File.ReadAllBytes(fixture "led-labels-idx1-ubyte")

        let set place (value: byte) bytes =
            let copy = Array.copy bytes
            copy[place] <- value
            copy

        let before = GC.GetAllocatedBytesForCurrentThread()
        idx (set 4 0x7Fuy images) labels |> malformed "byte 4" "do not fit"
        idx (set 8 0xFFuy images) labels |> malformed "byte 8" "more than"
        idx (set 2 0x0Auy images) labels |> malformed "byte 0" "no IDX file"
        idx (set 3 0uy images) labels |> malformed "byte 3" "no dimension"
        idx (set 3 255uy images) labels |> malformed "byte 16" "no element"
        idx images images |> malformed "byte 2" "one integer"
        idx images[..2] labels |> malformed "byte 3" "ends too early"
        idx images (Array.append (set 7 99uy labels[..7]) labels[8..106]) |> malformed "byte 4" "99 labels"
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan 10_000_000L)

    [<Test>]
    member _.``gzip files are recognised by their bytes; a damaged one is an error``() =
        let packed = pack (File.ReadAllBytes(fixture "tic-tac-toe.csv"))
        use table = ok (read Csv.read ReadOptions.Default "packed" packed)
        Assert.That(RoundTrip.same (TicTacToe.table ()) table)
        let cut = read Csv.read ReadOptions.Default "packed" packed[.. packed.Length / 2]
        Assert.That((error cut).IsMalformed)
        packed[packed.Length / 2] <- packed[packed.Length / 2] ^^^ 0xFFuy
        Assert.That((error (read Csv.read ReadOptions.Default "packed" packed)).IsMalformed)

    [<Test>]
    member _.``a gzip file leaves nothing in the temporary folder``() =
        let left () =
            Directory.GetFiles(Path.GetTempPath(), "hindsight-*.tmp").Length

        let before = left ()
        let table = ok (read Csv.read ReadOptions.Default "packed" (pack (utf8 "a,class\n1,x\n2,y\n")))
        Assert.That((rows table).Length, Is.EqualTo 2)
        table.Dispose()
        Assert.That((left () = before))

    [<Test>]
    member _.``a file that shrinks after it was opened is an error, not an answer``() =
        let path = Path.GetTempFileName()

        try
            File.WriteAllText(path, "a,class\n1,x\n2,y\n")
            use table = ok (ByteSource.Open path |> Result.bind (Csv.read ReadOptions.Default))
            File.WriteAllText(path, "a,class\n1,x\n")

            let raised = Assert.Throws<HindsightException>(fun () -> rows table |> ignore<(float[] * int)[]>)

            Assert.That(raised.Error.IsMalformed)
        finally
            File.Delete path

    [<Test>]
    member _.``a table is read from several threads at once``() =
        use table = ok (Source.openTable (SourceOptions.For(fixture "tic-tac-toe.csv")))

        let expected = rows table
        let read = Array.Parallel.map (fun _ -> rows table = expected) [| 1..4 |]
        Assert.That(Array.forall id read)

    [<Test>]
    member _.``files that are not there and formats that are not known are errors``() =
        Assert.That((error (Source.openTable (SourceOptions.For "nowhere.csv"))).IsMissing)
        Assert.That((error (Source.openTable (SourceOptions.For "/"))).IsUnknownName)
        Assert.That((error (Source.openTable (SourceOptions.For "file.xlsx"))).IsUnknownName)
        Assert.That((error (Source.openTable (SourceOptions.For ""))).IsOutOfRange)
        Assert.That((error (Source.openTable (SourceOptions.For "linear"))).IsIncompatible)
        Assert.That((error (Source.openTable (SourceOptions.For "tik-tak-toe"))).IsUnknownName)
        Assert.That((error (Export.toFile (TicTacToe.table ()) "x.xlsx")).IsUnknownName)

    [<Test>]
    member _.``a simulated environment does not rotate``() =
        let options =
            { SourceOptions.For "linear" with
                Protocol = "rotating:5"
            }

        Assert.That((error (Source.openEnvironment options)).IsIncompatible)

[<TestFixture>]
type MergeTests() =

    let apply rules label = (ok (Merge.Parse rules)).Apply label

    [<TestCase("Bipropellant Valve *=Bpv *", "Bipropellant Valve Open", "Bpv Open")>]
    [<TestCase("Bipropellant Valve*=Bpv*", "Bipropellant Valve Close", "Bpv Close")>]
    [<TestCase("A, B=C", "B", "C")>]
    [<TestCase("A, B=C", "b", "b")>]
    [<TestCase("A=B; B=C", "A", "B")>]
    [<TestCase("*=rest", "anything", "rest")>]
    [<TestCase("x*y=*", "xay", "a")>]
    [<TestCase("x*x=*", "x", "x")>]
    [<TestCase(@"a\,b=c\=d;", "a,b", "c=d")>]
    [<TestCase(@"a\*b\;c=\\", "a*b;c", @"\")>]
    [<TestCase("", "A", "A")>]
    [<TestCase(null, "A", "A")>]
    member _.``rules rename labels``(rules: string, label: string, expected: string) =
        Assert.That(apply rules label, Is.EqualTo expected)

    [<TestCase("A")>]
    [<TestCase("A=B=C")>]
    [<TestCase("=B")>]
    [<TestCase("A=")>]
    [<TestCase("A,,B=C")>]
    [<TestCase("A*B*C=D")>]
    [<TestCase("A=B*")>]
    member _.``a rule that says nothing clear is an error that quotes it``(rules: string) =
        match error (Merge.Parse rules) with
        | HindsightError.OutOfRange("merge", value, _) -> Assert.That(value, Does.Contain rules)
        | other -> Assert.Fail other.Message

    [<Test>]
    member _.``merged classes of a catalogue table keep its rows``() =
        use table =
            ok (
                Source.openTable
                    { SourceOptions.For "balance-scale" with
                        Merge = "L, R=tipped"
                    }
            )

        Assert.That((table.Schema.Classes = [| "tipped"; "B" |]))
        Assert.That((Table.classCounts table = [| 576; 49 |]))

/// The public data sets: skipped where they are not.
[<TestFixture>]
type SharedDataTests() =

    let counts options =
        use table = ok (Source.openTable options)
        table.Schema.Width, Array.zip table.Schema.Classes (Table.classCounts table) |> Map

    [<Test>]
    member _.``shuttle has 7 classes after its merges``() =
        let _, classes =
            counts
                { SourceOptions.For(shared "shuttle.csv.gz") with
                    Header = false
                    Merge = "Bipropellant Valve *=Bpv *; Flow Proportioning Valve *=Fpv *; Radiator Flow=Rad Flow"
                }

        let sizes = classes.Values |> Seq.sortDescending |> List.ofSeq
        Assert.That((sizes = [ 34108; 6748; 2458; 132; 37; 11; 6 ]))

    [<Test>]
    member _.``mushroom has its label first, 8124 rows and 22 categorical columns``() =
        let width, classes =
            counts
                { SourceOptions.For(shared "mushroom.csv.gz") with
                    Label = "edibility"
                }

        Assert.That((classes = Map [ "e", 4208; "p", 3916 ]))
        // 117 categories, the missing stalk roots included
        Assert.That(width, Is.EqualTo 117)

    [<Test>]
    member _.``adult has 30162 complete rows``() =
        let _, classes = counts (SourceOptions.For(shared "adult.csv.gz"))
        Assert.That((classes = Map [ "<=50K", 22654; ">50K", 7508 ]))

    [<Test>]
    member _.``magic has 10 numeric columns``() =
        let width, classes = counts (SourceOptions.For(shared "magic04.csv.gz"))
        Assert.That(width, Is.EqualTo 10)
        Assert.That((classes = Map [ "g", 12332; "h", 6688 ]))

    [<Test>]
    member _.``MNIST test images are 10,000 of 784 pixels``() =
        let width, classes = counts (SourceOptions.For(shared "mnist-10k-images-idx3-ubyte.gz"))

        Assert.That(width, Is.EqualTo 784)
        Assert.That(classes["0"], Is.EqualTo 980)
        Assert.That(Seq.sum classes.Values, Is.EqualTo 10000)
