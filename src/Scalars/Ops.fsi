/// <summary>Operators over any scalar of the algebra: open this module where a loss or a bound is defined in F#.</summary>
/// <remarks>They shadow the arithmetic operators. Without them two operators in one expression over a static-abstract type give error FS0670. Numbers enter as <c>'T.Const 0.5</c>.</remarks>
module Hindsight.FSharp.Ops

open Hindsight

/// a + b
val inline (+): a: 'T -> b: 'T -> 'T when 'T :> IReal<'T> and 'T: struct
/// a - b
val inline (-): a: 'T -> b: 'T -> 'T when 'T :> IReal<'T> and 'T: struct
/// a b
val inline (*): a: 'T -> b: 'T -> 'T when 'T :> IReal<'T> and 'T: struct
/// a / b
val inline (/): a: 'T -> b: 'T -> 'T when 'T :> IReal<'T> and 'T: struct
/// -a
val inline (~-): a: 'T -> 'T when 'T :> IReal<'T> and 'T: struct
