namespace Hindsight.FSharp

/// <summary>Scalar primitives in double precision that the base library has not, or only in an unstable form.</summary>
/// <remarks>Each is within 2 units in the last place of the true value, over all doubles: a law, measured against double-double.</remarks>
[<RequireQualifiedAccess>]
module Scalar =
    /// ln(1+x) by the compensated form ln(u) + (x - (u-1))/u, u = 1+x (Double.LogP1 is ln(1+x) as written and gives 0 at 1e-17).
    val log1p: x: float -> float
    /// e^x - 1: a polynomial for |x| up to 0.69, as written beyond (Double.ExpM1 is as written everywhere).
    val expm1: x: float -> float
    /// 1/(1+e^-x).
    val sigmoid: x: float -> float
    /// ln(1+e^x).
    val softplus: x: float -> float
    /// e^x - 1 and e^x.
    val expm1Exp: x: float -> struct (float * float)
    /// s(x) and s(-x).
    val sigmoids: x: float -> struct (float * float)
    /// ln(1+e^x), s(x) and s(-x).
    val softplusSigmas: x: float -> struct (float * float * float)
    /// ln(1+e^x), ln(1+e^-x), s(x) and s(-x).
    val softplusPair: x: float -> struct (float * float * float * float)
    /// x ln x, with 0 at 0.
    val xlogx: x: float -> float
    /// x ln x and ln x; 0 and the logarithm of the smallest positive number at 0.
    val xlogxLog: x: float -> struct (float * float)
    /// y ln(y/s(z)) + (1-y) ln((1-y)/s(-z)) for y in [0,1], accurate in units of itself, and its derivatives by y (finite at 0 and 1) and z.
    val logitDivergence: y: float -> z: float -> struct (float * float * float)
    /// Hyperbolic tangent -t/(2+t), t = e^(-2|x|) - 1, with the sign of x (the C library's is off by 2.1 units in the last place).
    val tanh: x: float -> float
    /// ln(p/(1-p)) for p in (0,1).
    val logit: p: float -> float

namespace Hindsight

open System.Numerics

/// <summary>A double: the interpretation that gives the value.</summary>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type R64 =
    /// The number.
    val V: float
    /// Wraps a number.
    new: v: float -> R64
    interface IAdditionOperators<R64, R64, R64>
    interface ISubtractionOperators<R64, R64, R64>
    interface IMultiplyOperators<R64, R64, R64>
    interface IDivisionOperators<R64, R64, R64>
    interface IUnaryNegationOperators<R64, R64>
    interface IReal<R64>
