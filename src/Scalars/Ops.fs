module Hindsight.FSharp.Ops

open Hindsight

let inline (+) (a: 'T) (b: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.op_Addition (a, b)
let inline (-) (a: 'T) (b: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.op_Subtraction (a, b)
let inline (*) (a: 'T) (b: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.op_Multiply (a, b)
let inline (/) (a: 'T) (b: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.op_Division (a, b)
let inline (~-) (a: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.op_UnaryNegation (a)
