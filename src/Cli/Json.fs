namespace Hindsight.Tool

open System
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes

/// JSON as it is built here.
module Json =
    let text (value: string) : JsonNode =
        match value with
        | null -> null
        | value -> JsonValue.Create value

    let integer (value: int) : JsonNode = JsonValue.Create value
    let flag (value: bool) : JsonNode = JsonValue.Create value

    /// JSON has no NaN and no infinity: null.
    let number (value: float) : JsonNode =
        if Double.IsFinite value then
            JsonValue.Create value
        else
            null

    let list (items: JsonNode seq) : JsonNode = JsonArray(Array.ofSeq items)

    let object (members: (string * JsonNode) seq) : JsonNode =
        let node = JsonObject()

        for name, value in members do
            node.Add(name, value)

        node

    /// As text: one line, or indented for a reader.
    let write indented (node: JsonNode) =
        let options =
            JsonSerializerOptions(WriteIndented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        node.ToJsonString options
