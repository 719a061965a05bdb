namespace Hindsight

open System
open System.Collections.Generic
open System.Globalization
open System.Numerics

[<RequireQualifiedAccess>]
type Operation =
    | Constant
    | Variable
    | Negate
    | Add
    | Subtract
    | Multiply
    | Divide
    | Power
    | Sqr
    | Sqrt
    | Exp
    | Expm1
    | Log
    | Log1p
    | Sigmoid
    | Softplus
    | XLogX
    | Tanh
    | Atan
    | Abs
    | Max
    | Min
    | LogitDivergence
    | Select

[<Sealed; AllowNullLiteral>]
type ExprNode(operation: Operation, high: float, low: float, name: string, children: ExprNode[]) =
    let bits (x: float) = BitConverter.DoubleToInt64Bits x

    let size =
        children
        |> Array.fold (fun sum (c: ExprNode) -> int (min (int64 sum + int64 c.Size) (int64 Int32.MaxValue))) 1

    let depth = children |> Array.fold (fun deepest (c: ExprNode) -> max deepest c.Depth) 0 |> (+) 1

    let hash =
        let mutable h = HashCode.Combine(hash operation, bits high, bits low, name)

        for c in children do
            h <- HashCode.Combine(h, c.Hash)

        h

    member _.Operation = operation
    member _.High = high
    member _.Low = low
    member _.Name = name
    member _.Children = children
    member _.Size: int = size
    member _.Depth: int = depth
    member _.Hash: int = hash

    member private a.Same(b: ExprNode) =
        Object.ReferenceEquals(a, b)
        || not (isNull b)
           && hash = b.Hash
           && size = b.Size
           && operation = b.Operation
           && bits high = bits b.High
           && bits low = bits b.Low
           && name = b.Name
           && Array.forall2 (fun (x: ExprNode) y -> x.Same y) children b.Children

    override a.Equals(other: obj) =
        match other with
        | :? ExprNode as b -> a.Same b
        | _ -> false

    override _.GetHashCode() = hash

    interface IEquatable<ExprNode> with
        member a.Equals b = a.Same b

/// Constants that have a name, as high and low part: what they are made of, and how they are written.
module private Named =
    [<NoComparison>]
    type Constant =
        {
            High: float
            Low: float
            Infix: string
            TeX: string
            /// Whether the text is a quotient, which needs parentheses as a factor.
            Quotient: bool
        }

    let private constant high low infix tex =
        {
            High = high
            Low = low
            Infix = infix
            TeX = tex
            Quotient = false
        }

    let pi = constant 3.141592653589793 1.2246467991473532e-16 "pi" @"\pi"
    let private ln2 = constant 0.6931471805599453 2.3190468138462996e-17 "log(2)" @"\log\left(2\right)"
    let private ln3 = constant 1.0986122886681098 -9.07129723500153e-17 "log(3)" @"\log\left(3\right)"
    let private ln10 = constant 2.302585092994046 -2.1707562233822494e-16 "log(10)" @"\log\left(10\right)"
    let private e = constant 2.718281828459045 1.4456468917292502e-16 "exp(1)" "e"
    let private root2 = constant 1.4142135623730951 -9.667293313452913e-17 "sqrt(2)" @"\sqrt{2}"
    let private root3 = constant 1.7320508075688772 1.0035084221806903e-16 "sqrt(3)" @"\sqrt{3}"
    let private rootPi = constant 1.772453850905516 -7.666586499825799e-17 "sqrt(pi)" @"\sqrt{\pi}"
    let private root2Pi = constant 2.5066282746310007 -1.8328579980459167e-16 "sqrt(2*pi)" @"\sqrt{2 \pi}"
    let private lnPi = constant 1.1447298858494002 1.0265951162707826e-17 "log(pi)" @"\log\left(\pi\right)"

    let private ln2Pi =
        constant 1.8378770664093456 -7.756588316134483e-17 "log(2*pi)" @"\log\left(2 \pi\right)"

    let private inverseLn2 =
        { constant 1.4426950408889634 2.0355273740931033e-17 "1/log(2)" @"\frac{1}{\log\left(2\right)}" with
            Quotient = true
        }

    let private inversePi =
        { constant 0.3183098861837907 -1.9678676675182486e-17 "1/pi" @"\frac{1}{\pi}" with
            Quotient = true
        }

    let private exact value = constant value 0.0 "" ""

    let private twoPi =
        { pi with
            High = 2.0 * pi.High
            Low = 2.0 * pi.Low
        }

    /// A function of a constant that is a constant with a name.
    let functions =
        [|
            Operation.Log, exact 2.0, ln2
            Operation.Log, exact 3.0, ln3
            Operation.Log, exact 10.0, ln10
            Operation.Log, pi, lnPi
            Operation.Log, twoPi, ln2Pi
            Operation.Exp, exact 1.0, e
            Operation.Sqrt, exact 2.0, root2
            Operation.Sqrt, exact 3.0, root3
            Operation.Sqrt, pi, rootPi
            Operation.Sqrt, twoPi, root2Pi
        |]

    /// The constants whose reciprocal has a name.
    let reciprocals = [| ln2, inverseLn2; pi, inversePi |]

    let private all =
        [|
            pi
            ln2
            ln3
            ln10
            e
            root2
            root3
            rootPi
            root2Pi
            lnPi
            ln2Pi
            inverseLn2
            inversePi
        |]

    /// The constant with a name, and the power of two that it is multiplied by.
    let find (high: float) (low: float) =
        all
        |> Array.tryPick (fun c ->
            let scale = high / c.High

            if
                (scale = 1.0
                 || scale = 2.0
                 || scale = 4.0
                 || scale = 8.0
                 || scale = 0.5
                 || scale = 0.25
                 || scale = 0.125)
                && c.Low * scale = low
            then
                Some struct (c, scale)
            else
                None)

/// Building trees: every rule is an identity of floating-point arithmetic (see the type's remarks).
module internal Build =
    let private none: ExprNode[] = [||]

    let constant2 high low =
        // zeros carry no sign
        ExprNode(Operation.Constant, high + 0.0, low + 0.0, "", none)

    let constant value = constant2 value 0.0
    let zero = constant 0.0
    let private one = constant 1.0

    let variable name =
        ExprNode(Operation.Variable, 0.0, 0.0, name, none)

    let private node operation children =
        ExprNode(operation, 0.0, 0.0, "", children)

    let private (|Constant|_|) (n: ExprNode) =
        if n.Operation = Operation.Constant then
            Some struct (n.High, n.Low)
        else
            None

    /// A constant that is one double.
    let private (|Number|_|) (n: ExprNode) =
        if n.Operation = Operation.Constant && n.Low = 0.0 then
            Some n.High
        else
            None

    let private (|Node|_|) operation (n: ExprNode) =
        if n.Operation = operation then Some n.Children else None

    /// A negation or a negative constant: what it is the negative of.
    let private (|Negative|_|) (n: ExprNode) =
        match n with
        | Constant(high, low) when high < 0.0 -> Some(constant2 -high -low)
        | Node Operation.Negate [| x |] -> Some x
        | _ -> None

    let private isNumber (x: float) =
        Double.IsFinite x && (x = 0.0 || Double.IsNormal x)

    let private isPowerOfTwo (x: float) =
        Double.IsNormal x && BitConverter.DoubleToInt64Bits x &&& 0xFFFFFFFFFFFFFL = 0L

    /// Whether two trees are the same as far as it is cheap to know: comparing large trees with shared parts may take long.
    let private identical (a: ExprNode) (b: ExprNode) =
        Object.ReferenceEquals(a, b) || a.Size <= 1000 && a.Equals b

    /// The sum of two numbers: exact in one double, or the first or second double with a rest below its last place.
    let private sum (a: float) (b: float) =
        let s = a + b
        let t = s - a
        let rest = (a - (s - t)) + (b - t)

        if isNumber s && (rest = 0.0 || s = a || s = b) then
            Some(constant2 s rest)
        else
            None

    let private product (a: float) (b: float) =
        let p = a * b

        // far from underflow, so that the rest is exact
        if isNumber p && (p = 0.0 || abs p > 1e-280) && Math.FusedMultiplyAdd(a, b, -p) = 0.0 then
            Some(constant p)
        else
            None

    let private scaled factor high low =
        let h, l = factor * high, factor * low

        if isNumber h && isNumber l && Double.IsNormal factor then
            Some(constant2 h l)
        else
            None

    let rec negate (x: ExprNode) =
        match x with
        | Constant(high, low) -> constant2 -high -low
        | Node Operation.Negate [| y |] -> y
        | Node Operation.Subtract [| a; b |] -> subtract b a
        | _ -> node Operation.Negate [| x |]

    and add (a: ExprNode) (b: ExprNode) =
        let folded =
            match a, b with
            | Number a, Number b -> sum a b
            | _ -> None

        match folded, a, b with
        | Some c, _, _ -> c
        | _, Number 0.0, x
        | _, x, Number 0.0 -> x
        | _, x, Negative y -> subtract x y
        | _, Negative x, y -> subtract y x
        | _ when identical a b -> multiply (constant 2.0) a
        | _ -> node Operation.Add [| a; b |]

    and subtract (a: ExprNode) (b: ExprNode) =
        let folded =
            match a, b with
            | Number a, Number b -> sum a -b
            | _ -> None

        match folded, a, b with
        | Some c, _, _ -> c
        | _, x, Number 0.0 -> x
        | _, Number 0.0, x -> negate x
        | _, x, Negative y -> add x y
        | _ when identical a b && a.Operation <> Operation.Constant -> zero
        | _ -> node Operation.Subtract [| a; b |]

    and multiply (a: ExprNode) (b: ExprNode) =
        let folded =
            match a, b with
            | Number a, Number b -> product a b
            | Number a, Constant(high, low)
            | Constant(high, low), Number a when isPowerOfTwo a -> scaled a high low
            | Number a, Node Operation.Multiply [| Number b; x |] when isPowerOfTwo a || isPowerOfTwo b ->
                product a b |> Option.map (fun c -> multiply c x)
            | _ -> None

        match folded, a, b with
        | Some c, _, _ -> c
        | _, Number 0.0, _
        | _, _, Number 0.0 -> zero
        | _, Number 1.0, x
        | _, x, Number 1.0 -> x
        | _, Negative x, Negative y -> multiply x y
        | _, Negative x, y
        | _, x, Negative y -> negate (multiply x y)
        | _, x, Constant _ when x.Operation <> Operation.Constant -> multiply b x
        | _ when identical a b -> sqr a
        | _ -> node Operation.Multiply [| a; b |]

    and divide (a: ExprNode) (b: ExprNode) =
        let folded =
            match a, b with
            | Number a, Number b when a <> 0.0 && b <> 0.0 ->
                let q = a / b

                if Double.IsNormal q && abs a > 1e-280 && Math.FusedMultiplyAdd(q, b, -a) = 0.0 then
                    Some(constant q)
                else
                    None
            | Constant(high, low), Number b when isPowerOfTwo b -> scaled (1.0 / b) high low
            | Number 1.0, Constant(high, low) ->
                Named.reciprocals
                |> Array.tryPick (fun (c, r) ->
                    if c.High = high && c.Low = low then
                        Some(constant2 r.High r.Low)
                    else
                        None)
            | _ -> None

        match folded, a, b with
        | Some c, _, _ -> c
        | _, x, Number 1.0 -> x
        | _, Number 0.0, x when x.Operation <> Operation.Constant -> zero
        | _, Negative x, Negative y -> divide x y
        | _, Negative x, y
        | _, x, Negative y -> negate (divide x y)
        | _ -> node Operation.Divide [| a; b |]

    and sqr (x: ExprNode) =
        match x with
        | Number v ->
            match product v v with
            | Some c -> c
            | None -> node Operation.Sqr [| constant (abs v) |]
        | Negative y -> sqr y
        | _ -> node Operation.Sqr [| x |]

    let power (x: ExprNode) (exponent: float) =
        match x with
        | _ when exponent = 0.0 -> one
        | _ when exponent = 1.0 -> x
        | Number 1.0 -> one
        | Number 0.0 when exponent > 0.0 -> zero
        | _ -> ExprNode(Operation.Power, exponent, 0.0, "", [| x |])

    let private isSquare (x: float) =
        let r = Math.Sqrt x
        r = Math.Floor r && r < 1e6 && r * r = x

    /// The functions of one argument.
    let apply operation (x: ExprNode) =
        let named =
            match x with
            | Constant(high, low) ->
                Named.functions
                |> Array.tryPick (fun (o, c, r) ->
                    if o = operation && c.High = high && c.Low = low then
                        Some(constant2 r.High r.Low)
                    else
                        None)
            | _ -> None

        match named, operation, x with
        | Some c, _, _ -> c
        | _, Operation.Exp, Number 0.0 -> one
        | _, Operation.Sigmoid, Number 0.0 -> constant 0.5
        | _, Operation.Log, Number 1.0
        | _, Operation.XLogX, Number 1.0 -> zero
        | _, Operation.Sqrt, Number v when isSquare v -> constant (Math.Sqrt v)
        | _, (Operation.Expm1 | Operation.Log1p | Operation.XLogX | Operation.Tanh | Operation.Atan), Number 0.0 -> zero
        | _, Operation.Abs, Constant(high, low) -> if high < 0.0 then constant2 -high -low else x
        | _ -> node operation [| x |]

    let max (a: ExprNode) (b: ExprNode) =
        match a, b with
        | Number u, Number v -> if u >= v then a else b
        | _ when identical a b -> a
        | _ -> node Operation.Max [| a; b |]

    let min (a: ExprNode) (b: ExprNode) =
        match a, b with
        | Number u, Number v -> if u <= v then a else b
        | _ when identical a b -> a
        | _ -> node Operation.Min [| a; b |]

    let logitDivergence (y: ExprNode) (z: ExprNode) =
        node Operation.LogitDivergence [| y; z |]

    let select (condition: ExprNode) (a: ExprNode) (b: ExprNode) =
        match condition with
        | Constant(high, _) -> if high >= 0.0 then a else b
        | _ when identical a b -> a
        | _ -> node Operation.Select [| condition; a; b |]

/// Reading a tree at a scalar.
module private Read =
    let rec at<'T when 'T :> IReal<'T> and 'T: struct> (variable: Func<string, 'T>) (n: ExprNode) : 'T =
        let child i = at variable n.Children[i]

        match n.Operation with
        | Operation.Constant ->
            if n.Low = 0.0 then
                'T.Const n.High
            else
                'T.Const2(n.High, n.Low)
        | Operation.Variable -> variable.Invoke n.Name
        | Operation.Negate -> 'T.op_UnaryNegation (child 0)
        | Operation.Add -> 'T.op_Addition (child 0, child 1)
        | Operation.Subtract -> 'T.op_Subtraction (child 0, child 1)
        | Operation.Multiply -> 'T.op_Multiply (child 0, child 1)
        | Operation.Divide -> 'T.op_Division (child 0, child 1)
        | Operation.Power -> 'T.Pow(child 0, n.High)
        | Operation.Sqr -> 'T.Sqr(child 0)
        | Operation.Sqrt -> 'T.Sqrt(child 0)
        | Operation.Exp -> 'T.Exp(child 0)
        | Operation.Expm1 -> 'T.Expm1(child 0)
        | Operation.Log -> 'T.Log(child 0)
        | Operation.Log1p -> 'T.Log1p(child 0)
        | Operation.Sigmoid -> 'T.Sigmoid(child 0)
        | Operation.Softplus -> 'T.Softplus(child 0)
        | Operation.XLogX -> 'T.XLogX(child 0)
        | Operation.Tanh -> 'T.Tanh(child 0)
        | Operation.Atan -> 'T.Atan(child 0)
        | Operation.Abs -> 'T.Abs(child 0)
        | Operation.Max -> 'T.Max(child 0, child 1)
        | Operation.Min -> 'T.Min(child 0, child 1)
        | Operation.LogitDivergence -> 'T.LogitDivergence(child 0, child 1)
        | Operation.Select -> 'T.Select(child 0, child 1, child 2)

/// How tightly a printed text holds together: where parentheses are needed.
module private Level =
    let conditional = 0
    /// a + b, -a
    let sum = 1
    /// a*b, a/b
    let product = 2
    /// a^b
    let power = 3
    let atom = 4

/// What both forms of text share.
module private Text =
    let number (x: float) =
        if Double.IsPositiveInfinity x then
            "inf"
        elif Double.IsNegativeInfinity x then
            "-inf"
        elif Double.IsNaN x then
            "nan"
        else
            x.ToString("R", CultureInfo.InvariantCulture).Replace("E+", "e").Replace("E-0", "e-").Replace("E", "e")

    /// The functions of one argument, as the parser knows them.
    let name operation =
        match operation with
        | Operation.Sqrt -> "sqrt"
        | Operation.Exp -> "exp"
        | Operation.Expm1 -> "expm1"
        | Operation.Log -> "log"
        | Operation.Log1p -> "log1p"
        | Operation.Sigmoid -> "sigmoid"
        | Operation.Softplus -> "softplus"
        | Operation.XLogX -> "xlogx"
        | Operation.Tanh -> "tanh"
        | Operation.Atan -> "atan"
        | Operation.Abs -> "abs"
        | Operation.Max -> "max"
        | Operation.Min -> "min"
        | Operation.LogitDivergence -> "logitdivergence"
        | Operation.Negate -> "negate"
        | Operation.Add -> "+"
        | Operation.Subtract -> "-"
        | Operation.Multiply -> "*"
        | Operation.Divide -> "/"
        | Operation.Sqr -> "sqr"
        | Operation.Power -> "pow"
        | Operation.Select -> "if"
        | Operation.Constant -> "constant"
        | Operation.Variable -> "variable"

    let isWhole (exponent: float) = exponent = Math.Floor exponent

module private Infix =
    let private number (x: float) =
        struct ((if x < 0.0 then Level.sum else Level.atom), Text.number x)

    /// A positive constant of two parts.
    let private twofold (high: float) (low: float) =
        match Named.find high low with
        | Some(c, scale) ->
            let base' = if c.Quotient then $"({c.Infix})" else c.Infix

            if scale = 1.0 then
                struct ((if c.Quotient then Level.product else Level.atom), c.Infix)
            elif scale > 1.0 then
                struct (Level.product, $"{Text.number scale}*{base'}")
            else
                struct (Level.product, $"{base'}/{Text.number (1.0 / scale)}")
        | None ->
            let sign = if low < 0.0 then "-" else "+"
            struct (Level.sum, $"{Text.number high} {sign} {Text.number (abs low)}")

    let constant (high: float) (low: float) =
        if low = 0.0 then
            number high
        elif high >= 0.0 then
            twofold high low
        else
            match twofold -high -low with
            | level, text when level > Level.sum -> struct (Level.sum, "-" + text)
            | _ ->
                let sign = if low < 0.0 then "-" else "+"
                struct (Level.sum, $"{Text.number high} {sign} {Text.number (abs low)}")

    let rec print (n: ExprNode) : struct (int * string) =
        /// the text of an argument where at least the given level is needed
        let arg least i =
            match print n.Children[i] with
            | level, text when level >= least -> text
            | _, text -> $"({text})"

        let call () =
            let arguments = Array.init n.Children.Length (arg Level.conditional) |> String.concat ", "
            struct (Level.atom, $"{Text.name n.Operation}({arguments})")

        match n.Operation with
        | Operation.Constant -> constant n.High n.Low
        | Operation.Variable -> struct (Level.atom, n.Name)
        | Operation.Negate -> struct (Level.sum, "-" + arg Level.product 0)
        | Operation.Add -> struct (Level.sum, $"{arg Level.sum 0} + {arg Level.product 1}")
        | Operation.Subtract -> struct (Level.sum, $"{arg Level.sum 0} - {arg Level.product 1}")
        | Operation.Multiply -> struct (Level.product, $"{arg Level.product 0}*{arg Level.power 1}")
        | Operation.Divide -> struct (Level.product, $"{arg Level.product 0}/{arg Level.power 1}")
        | Operation.Sqr -> struct (Level.power, $"{arg Level.atom 0}^2")
        | Operation.Power when Text.isWhole n.High ->
            struct (Level.atom, $"pow({arg Level.conditional 0}, {Text.number n.High})")
        | Operation.Power ->
            let exponent =
                if n.High < 0.0 then
                    $"({Text.number n.High})"
                else
                    Text.number n.High

            struct (Level.power, $"{arg Level.atom 0}^{exponent}")
        | Operation.Select ->
            let condition = n.Children[0]

            let condition =
                match condition.Operation with
                | Operation.Subtract ->
                    let side least i =
                        match print condition.Children[i] with
                        | level, text when level >= least -> text
                        | _, text -> $"({text})"

                    $"{side Level.sum 0} >= {side Level.sum 1}"
                | Operation.Negate ->
                    match print condition.Children[0] with
                    | level, text when level >= Level.sum -> $"{text} <= 0"
                    | _, text -> $"({text}) <= 0"
                | _ -> $"{arg Level.sum 0} >= 0"

            struct (Level.conditional, $"if {condition} then {arg Level.conditional 1} else {arg Level.conditional 2}")
        | Operation.Sqrt
        | Operation.Exp
        | Operation.Expm1
        | Operation.Log
        | Operation.Log1p
        | Operation.Sigmoid
        | Operation.Softplus
        | Operation.XLogX
        | Operation.Tanh
        | Operation.Atan
        | Operation.Abs
        | Operation.Max
        | Operation.Min
        | Operation.LogitDivergence -> call ()

module private TeX =
    let private greek =
        HashSet(
            [
                "alpha"
                "beta"
                "gamma"
                "delta"
                "epsilon"
                "eta"
                "theta"
                "kappa"
                "lambda"
                "mu"
                "nu"
                "rho"
                "sigma"
                "tau"
                "phi"
                "psi"
                "omega"
            ]
        )

    /// "tau" is a Greek letter, "z1" has an index, and a word stands upright.
    let private variable (name: string) =
        let digits = name |> Seq.rev |> Seq.takeWhile Char.IsDigit |> Seq.length
        let stem, index = name[.. name.Length - digits - 1], name[name.Length - digits ..]

        let stem =
            if greek.Contains stem then
                $@"\{stem}"
            elif stem.Length = 1 then
                stem
            else
                let escaped = stem.Replace("_", @"\_")
                $@"\mathrm{{{escaped}}}"

        if index = "" then stem else $"{stem}_{{{index}}}"

    let private magnitude (x: float) =
        let eighths = 8.0 * x

        if Double.IsInfinity x then
            @"\infty"
        elif x < 1.0 && eighths = Math.Floor eighths && eighths > 0.0 then
            let rec reduce (n: int) (d: int) =
                if n % 2 = 0 then
                    reduce (n / 2) (d / 2)
                else
                    $@"\tfrac{{{n}}}{{{d}}}"

            reduce (int eighths) 8
        else
            let text = Text.number x

            match text.IndexOf 'e' with
            | -1 -> text
            | at ->
                let power = $"10^{{{text[at + 1 ..]}}}"

                if text[.. at - 1] = "1" then
                    power
                else
                    $@"{text[.. at - 1]} \cdot {power}"

    let private number (x: float) =
        let text = magnitude (abs x)

        if x < 0.0 then struct (Level.sum, "-" + text)
        elif text.Contains "10^" then struct (Level.product, text)
        else struct (Level.atom, text)

    let private constant (high: float) (low: float) =
        if low = 0.0 then
            number high
        else
            let sign = if high < 0.0 then "-" else ""

            match Named.find (abs high) (if high < 0.0 then -low else low) with
            | Some(c, scale) ->
                let text =
                    if scale = 1.0 then c.TeX
                    elif scale > 1.0 then $"{Text.number scale} {c.TeX}"
                    else $@"\tfrac{{1}}{{{Text.number (1.0 / scale)}}} {c.TeX}"

                struct ((if sign = "-" then Level.sum
                         elif scale = 1.0 && not c.Quotient then Level.atom
                         else Level.product),
                        sign + text)
            // the low part is below what anybody reads
            | None -> number high

    let rec print (n: ExprNode) : struct (int * string) =
        let wrap (text: string) = $@"\left({text}\right)"

        let within least child =
            match print child with
            | level, text when level >= least -> text
            | _, text -> wrap text

        let arg least i = within least n.Children[i]

        let symbol name =
            struct (Level.atom, $"{name}{wrap (arg Level.conditional 0)}")

        let pair name =
            let arguments = $"{arg Level.conditional 0}, {arg Level.conditional 1}"
            struct (Level.atom, name + wrap arguments)

        match n.Operation with
        | Operation.Constant -> constant n.High n.Low
        | Operation.Variable -> struct (Level.atom, variable n.Name)
        | Operation.Negate -> struct (Level.sum, "-" + arg Level.product 0)
        | Operation.Add -> struct (Level.sum, $"{arg Level.sum 0} + {arg Level.product 1}")
        | Operation.Subtract -> struct (Level.sum, $"{arg Level.sum 0} - {arg Level.product 1}")
        | Operation.Multiply ->
            let left, right = arg Level.product 0, arg Level.product 1
            // a product of products is one product to a reader; two numbers need a dot between them
            let isNumeral =
                Char.IsDigit right[0] || right.StartsWith @"\tfrac" || right[0] = '{' && Char.IsDigit right[1]

            let separator = if isNumeral then @" \cdot " else " "
            struct (Level.product, left + separator + right)
        | Operation.Divide ->
            struct (Level.product, $@"\frac{{{arg Level.conditional 0}}}{{{arg Level.conditional 1}}}")
        | Operation.Sqr -> struct (Level.power, $"{{{arg Level.atom 0}}}^{{2}}")
        | Operation.Power ->
            let struct (_, exponent) = number n.High
            struct (Level.power, $"{{{arg Level.atom 0}}}^{{{exponent}}}")
        | Operation.Sqrt -> struct (Level.atom, $@"\sqrt{{{arg Level.conditional 0}}}")
        | Operation.Exp -> struct (Level.power, $"e^{{{arg Level.conditional 0}}}")
        | Operation.Expm1 -> symbol @"\operatorname{expm1}"
        | Operation.Log -> symbol @"\log"
        | Operation.Log1p ->
            let child = n.Children[0]

            let argument =
                match child.Operation with
                | Operation.Negate -> $"1 - {within Level.product child.Children[0]}"
                | _ -> $"1 + {arg Level.product 0}"

            struct (Level.atom, @"\log" + wrap argument)
        | Operation.Sigmoid -> symbol @"\sigma"
        | Operation.Softplus -> symbol @"\operatorname{softplus}"
        | Operation.XLogX -> struct (Level.product, $@"{arg Level.atom 0} \log{wrap (arg Level.conditional 0)}")
        | Operation.Tanh -> symbol @"\tanh"
        | Operation.Atan -> symbol @"\arctan"
        | Operation.Abs -> struct (Level.atom, $@"\left|{arg Level.conditional 0}\right|")
        | Operation.Max -> pair @"\max"
        | Operation.Min -> pair @"\min"
        | Operation.LogitDivergence ->
            let mean = @"\sigma" + wrap (arg Level.conditional 1)
            struct (Level.atom, @"D" + wrap $@"{arg Level.conditional 0} \,\middle\|\, {mean}")
        | Operation.Select ->
            let condition = n.Children[0]

            let condition =
                match condition.Operation with
                | Operation.Subtract ->
                    $@"{within Level.sum condition.Children[0]} \ge {within Level.sum condition.Children[1]}"
                | Operation.Negate -> $@"{within Level.sum condition.Children[0]} \le 0"
                | _ -> $@"{arg Level.sum 0} \ge 0"

            struct (Level.conditional,
                    $@"\begin{{cases}} {arg Level.conditional 1} & \text{{if }} {condition} \\ {arg Level.conditional 2} & \text{{otherwise}} \end{{cases}}")

module internal Words =
    /// What a formula's text says with these words cannot name a variable.
    let reserved =
        HashSet(
            [
                "exp"
                "log"
                "ln"
                "log1p"
                "expm1"
                "sqrt"
                "sqr"
                "sigmoid"
                "softplus"
                "tanh"
                "atan"
                "abs"
                "max"
                "min"
                "logitdivergence"
                "xlogx"
                "pow"
                "pi"
                "inf"
                "nan"
                "if"
                "then"
                "else"
            ]
        )

    let isName (text: string) =
        not (String.IsNullOrEmpty text)
        && Char.IsAsciiLetter text[0]
        && text |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '_')
        && not (reserved.Contains text)

[<Struct; System.Runtime.CompilerServices.IsReadOnly; CustomEquality; NoComparison>]
type Expr =
    val Node: ExprNode
    new(node) = { Node = node }

    /// The node; the default struct has none and is 0.
    member private x.Root = if isNull x.Node then Build.zero else x.Node

    static member private Of1 build (x: Expr) = Expr(build x.Root)
    static member private Of2 build (a: Expr) (b: Expr) = Expr(build a.Root b.Root)
    static member Constant value = Expr(Build.constant value)
    static member IsName text = Words.isName text

    static member Variable name =
        if Words.isName name then
            Expr(Build.variable name)
        else
            raise (
                HindsightException(
                    HindsightError.OutOfRange(
                        "name",
                        $"'{name}'",
                        "a letter followed by letters, digits and underscores that is no function or constant of formulas"
                    )
                )
            )

    static member LongestText = 20_000

    member private x.Text print =
        let n = x.Root

        if n.Size > Expr.LongestText then
            $"(a formula of more than {Expr.LongestText} nodes)"
        else
            let struct (_, text) = print n
            text

    member x.Infix = x.Text Infix.print
    member x.TeX = x.Text TeX.print

    member x.Label =
        let n = x.Root

        match n.Operation with
        | Operation.Constant ->
            let struct (_, text) = Infix.constant n.High n.Low
            text
        | Operation.Variable -> n.Name
        | Operation.Power -> $"^{Text.number n.High}"
        | operation -> Text.name operation

    member x.Children = x.Root.Children |> Array.map Expr
    member x.NodeCount = x.Root.Size

    member x.Variables =
        let found = SortedSet StringComparer.Ordinal
        let seen = HashSet<ExprNode>()

        let rec visit (n: ExprNode) =
            if seen.Add n then
                if n.Operation = Operation.Variable then
                    found.Add n.Name |> ignore<bool>

                Array.iter visit n.Children

        visit x.Root
        Array.ofSeq found

    member x.Evaluate<'T when 'T :> IReal<'T> and 'T: struct>(variable: Func<string, 'T>) : 'T =
        Read.at<'T> variable x.Root

    override x.ToString() = x.Infix

    override x.Equals(other: obj) =
        match other with
        | :? Expr as y -> x.Root.Equals y.Root
        | _ -> false

    override x.GetHashCode() = x.Root.GetHashCode()

    static member (~-)(x: Expr) = Expr.Of1 Build.negate x
    static member (+)(a: Expr, b: Expr) = Expr.Of2 Build.add a b
    static member (+)(a: Expr, b: float) = a + Expr.Constant b
    static member (+)(a: float, b: Expr) = Expr.Constant a + b
    static member (-)(a: Expr, b: Expr) = Expr.Of2 Build.subtract a b
    static member (-)(a: Expr, b: float) = a - Expr.Constant b
    static member (-)(a: float, b: Expr) = Expr.Constant a - b
    static member (*)(a: Expr, b: Expr) = Expr.Of2 Build.multiply a b
    static member (*)(a: Expr, b: float) = a * Expr.Constant b
    static member (*)(a: float, b: Expr) = Expr.Constant a * b
    static member (/)(a: Expr, b: Expr) = Expr.Of2 Build.divide a b
    static member (/)(a: Expr, b: float) = a / Expr.Constant b
    static member (/)(a: float, b: Expr) = Expr.Constant a / b
    static member Exp x = Expr.Of1 (Build.apply Operation.Exp) x
    static member Log x = Expr.Of1 (Build.apply Operation.Log) x
    static member Sqrt x = Expr.Of1 (Build.apply Operation.Sqrt) x
    static member Tanh x = Expr.Of1 (Build.apply Operation.Tanh) x
    static member Atan x = Expr.Of1 (Build.apply Operation.Atan) x
    static member Abs x = Expr.Of1 (Build.apply Operation.Abs) x
    static member Pow(x: Expr, exponent: float) = Expr(Build.power x.Root exponent)

    static member private Divergence(y: Expr, z: Expr) : struct (Expr * Expr * Expr) =
        struct (Expr.Of2 Build.logitDivergence y z,
                Expr.Log y - Expr.Log(1.0 - y) - z,
                Expr.Of1 (Build.apply Operation.Sigmoid) z - y)

    interface IEquatable<Expr> with
        member x.Equals y = x.Root.Equals y.Root

    interface IAdditionOperators<Expr, Expr, Expr> with
        static member (+)(a: Expr, b: Expr) : Expr = Expr.Of2 Build.add a b

    interface ISubtractionOperators<Expr, Expr, Expr> with
        static member (-)(a: Expr, b: Expr) : Expr = Expr.Of2 Build.subtract a b

    interface IMultiplyOperators<Expr, Expr, Expr> with
        static member (*)(a: Expr, b: Expr) : Expr = Expr.Of2 Build.multiply a b

    interface IDivisionOperators<Expr, Expr, Expr> with
        static member (/)(a: Expr, b: Expr) : Expr = Expr.Of2 Build.divide a b

    interface IUnaryNegationOperators<Expr, Expr> with
        static member (~-)(a: Expr) : Expr = Expr.Of1 Build.negate a

    interface IReal<Expr> with
        static member Const x = Expr.Constant x
        static member Const2(high, low) = Expr(Build.constant2 high low)
        static member Exp x = Expr.Of1 (Build.apply Operation.Exp) x
        static member Log x = Expr.Of1 (Build.apply Operation.Log) x

        static member Log1p x =
            Expr.Of1 (Build.apply Operation.Log1p) x

        static member Expm1 x =
            Expr.Of1 (Build.apply Operation.Expm1) x

        static member Expm1Exp x =
            struct (Expr.Of1 (Build.apply Operation.Expm1) x, Expr.Of1 (Build.apply Operation.Exp) x)

        static member Sqrt x = Expr.Of1 (Build.apply Operation.Sqrt) x
        static member Sqr x = Expr.Of1 Build.sqr x
        static member Pow(x, exponent) = Expr.Pow(x, exponent)

        static member Sigmoid x =
            Expr.Of1 (Build.apply Operation.Sigmoid) x

        static member Sigmoids x =
            let s = Build.apply Operation.Sigmoid
            struct (Expr.Of1 s x, Expr.Of1 s -x)

        static member Softplus x =
            Expr.Of1 (Build.apply Operation.Softplus) x

        static member SoftplusPair x =
            let v = Build.apply Operation.Softplus
            let s = Build.apply Operation.Sigmoid
            struct (Expr.Of1 v x, Expr.Of1 v -x, Expr.Of1 s x, Expr.Of1 s -x)

        static member SoftplusSigmas x =
            let s = Build.apply Operation.Sigmoid
            struct (Expr.Of1 (Build.apply Operation.Softplus) x, Expr.Of1 s x, Expr.Of1 s -x)

        static member XLogX x =
            Expr.Of1 (Build.apply Operation.XLogX) x

        static member XLogXLog x =
            let least = Expr.Constant Double.Epsilon

            struct (Expr.Of1 (Build.apply Operation.XLogX) x,
                    Expr.Of1 (Build.apply Operation.Log) (Expr.Of2 Build.max x least))

        static member Tanh x = Expr.Of1 (Build.apply Operation.Tanh) x
        static member Atan x = Expr.Of1 (Build.apply Operation.Atan) x
        static member Abs x = Expr.Of1 (Build.apply Operation.Abs) x
        static member Max(x, y) = Expr.Of2 Build.max x y
        static member Min(x, y) = Expr.Of2 Build.min x y

        static member Select(condition, a, b) =
            Expr(Build.select condition.Root a.Root b.Root)

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Expr) : Expr = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: Expr) : struct (Expr * Expr) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, _, _) = Expr.Divergence(y, z)
            v

        static member LogitDivergenceSlopes(y, z) = Expr.Divergence(y, z)

        static member IsZero x =
            x.Root.Operation = Operation.Constant && x.Root.High = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: Expr, y: Expr) : Expr =
            f.Value(x, y)

namespace Hindsight.FSharp

open Hindsight

module private Primitives =
    let log1p<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Log1p x
    let expm1<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Expm1 x
    let sqr<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Sqr x
    let sigmoid<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Sigmoid x
    let softplus<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Softplus x
    let xlogx<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.XLogX x
    let maximum<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) = 'T.Max(x, y)
    let minimum<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) = 'T.Min(x, y)
    let select<'T when 'T :> IReal<'T> and 'T: struct> (c: 'T) (a: 'T) (b: 'T) = 'T.Select(c, a, b)
    let logitDivergence<'T when 'T :> IReal<'T> and 'T: struct> (y: 'T) (z: 'T) = 'T.LogitDivergence(y, z)

module FormulaFunctions =
    let log1p (x: Expr) = Primitives.log1p x
    let expm1 (x: Expr) = Primitives.expm1 x
    let sqr (x: Expr) = Primitives.sqr x
    let sigmoid (x: Expr) = Primitives.sigmoid x
    let softplus (x: Expr) = Primitives.softplus x
    let xlogx (x: Expr) = Primitives.xlogx x
    let maximum (x: Expr) y = Primitives.maximum x y
    let minimum (x: Expr) y = Primitives.minimum x y
    let logitDivergence (y: Expr) z = Primitives.logitDivergence y z
    let select (condition: Expr) a b = Primitives.select condition a b
