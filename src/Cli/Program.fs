module Hindsight.Tool.Program
[<EntryPoint>]
let main _ =
    System.Console.WriteLine(SkiaSharp.SKTypeface.Default.FamilyName)
    System.Console.WriteLine(typeof<Spectre.Console.Table>.Assembly.FullName)
    0
