namespace Hindsight.Data

open System
open System.Threading
open System.Threading.Tasks
open Hindsight

/// <summary>Where and how data sets of OpenML are fetched.</summary>
[<NoComparison>]
type OpenMlOptions =
    {
        /// Address of the interface: "/ID" gives a description, "/list/data_name/NAME" a list.
        BaseUrl: string
        /// Folder of the cache.
        Folder: string
        /// Longest wait for an answer or for the next bytes.
        Timeout: TimeSpan
        /// How often a download that was cut off is taken up again before it is given up.
        Retries: int
    }

    /// https://www.openml.org/api/v1/json/data, the cache folder of the user, 30 seconds, 3 retries.
    static member Default: OpenMlOptions

/// <summary>How far a download is.</summary>
[<Struct; NoComparison>]
type DownloadProgress =
    {
        /// What is downloaded.
        Name: string
        /// Bytes so far, those of earlier attempts included.
        Bytes: int64
        /// Bytes in all; -1 if the server does not say.
        Total: int64
    }

/// <summary>A data set in the cache.</summary>
[<NoComparison>]
type OpenMlFile =
    {
        /// The ARFF file.
        Path: string
        /// The label column that OpenML names; null if it names none.
        Target: string
        /// Columns that OpenML says to leave out.
        Ignore: string[]
    }

/// <summary>Data sets of OpenML, kept in a cache.</summary>
/// <remarks>
/// The cache holds for each data set, asked for by an id or a name X, the files X.arff, X.arff.sha256 (checked at every use) and X.json (the description);
/// X.arff.part is a download that was cut off and is resumed. A file X.arff that somebody else put there is used as it is.
/// </remarks>
[<RequireQualifiedAccess>]
module OpenMl =
    /// The user's cache folder for this library: XDG_CACHE_HOME/hindsight, else hindsight in the local application data.
    [<CompiledName("CacheFolder")>]
    val cacheFolder: unit -> string

    /// <summary>The ARFF file of a data set, from the cache, or else downloaded.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="reference">An id ("61"), or a name ("iris": the oldest active version).</param>
    /// <param name="progress">Takes reports, at most ten a second; null: nobody listens.</param>
    /// <param name="cancel">Cancels; the part that has arrived is kept.</param>
    /// <returns>The file. Missing if it is not there or the network fails, and then the sentence says which file to put where; Malformed for a wrong checksum or answer.</returns>
    /// <exception cref="T:System.OperationCanceledException">The token was cancelled.</exception>
    [<CompiledName("Fetch")>]
    val fetch:
        options: OpenMlOptions ->
        reference: string ->
        progress: IProgress<DownloadProgress> ->
        cancel: CancellationToken ->
            Task<Result<OpenMlFile, HindsightError>>
