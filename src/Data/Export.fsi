namespace Hindsight.Data

open System.IO
open Hindsight

/// <summary>Writes tables in the formats that the readers read. Lines end with LF, numbers are written so that they read back the same.</summary>
[<RequireQualifiedAccess>]
module Export =
    /// <summary>Delimited text with a header; the label is the last column, "class". A column whose categories are all numbers reads back as numeric.</summary>
    [<CompiledName("Csv")>]
    val csv: table: ITable -> writer: TextWriter -> unit

    /// <summary>ARFF, dense; the label is the last attribute, "class".</summary>
    [<CompiledName("Arff")>]
    val arff: table: ITable -> writer: TextWriter -> unit

    /// <summary>LIBSVM: an index from 1 for every number of a context (a categorical column has one a category), zeros left out. Labels are the class names if those are numbers, else the class indices. A missing number is left out too: it reads back as 0.</summary>
    [<CompiledName("Libsvm")>]
    val libsvm: table: ITable -> writer: TextWriter -> unit

    /// <summary>IDX: images and labels of unsigned bytes. Labels are the class names if those are integers from 0 to 255, else the class indices.</summary>
    /// <param name="table">Numeric columns with whole numbers from 0 to 255.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image; height * width is the number of columns of the table.</param>
    /// <param name="images">Takes the images.</param>
    /// <param name="labels">Takes the labels.</param>
    /// <returns>Nothing, or WrongDimension, or Incompatible if the table does not fit the format; what was written until then is of no use.</returns>
    [<CompiledName("Idx")>]
    val idx:
        table: ITable -> height: int -> width: int -> images: Stream -> labels: Stream -> Result<unit, HindsightError>

    /// <summary>Writes a file in the format of its name: .csv, .arff, .libsvm, each also with .gz.</summary>
    /// <returns>Nothing, or UnknownName for another format, or Missing if the file cannot be written.</returns>
    [<CompiledName("ToFile")>]
    val toFile: table: ITable -> path: string -> Result<unit, HindsightError>
