namespace Hindsight.FSharp

open Hindsight

/// <summary>Divergences of two Bernoulli means, and what orders them: the tools that carry a regression regret into a bandit bound.</summary>
/// <remarks>
/// For a in [0,1] and b in (0,1), each a law of the tests (derived here; Pinsker's inequality and the first of the chain are classical):
/// kl &gt;= 2(a-b)^2; kl &gt;= hellinger2 &gt;= triangular/2; kl &gt;= (a-b)^2/(2 max(a,b)); kl &lt;= chiSquared.
/// Regret identities: for a label of mean h, E (p-y)^2 - (h-y)^2 = (p-h)^2 and E kl(y,p) - kl(y,h) = kl(h,p).
/// Self-bounding: (s(u)-y)^2 &lt;= kl(y, s(u))/2, which is Pinsker's inequality again. Numbers outside [0,1], and not finite ones, are refused with OutOfRange.
/// </remarks>
[<RequireQualifiedAccess>]
module Divergence =
    /// <summary>Binary Kullback-Leibler divergence a ln(a/b) + (1-a) ln((1-a)/(1-b)), in nats; a in [0,1], b in (0,1).</summary>
    /// <example id="divergence-kl"><code>Divergence.binaryKl 0.3 0.6 // evaluates to Ok 0.1837868973868123</code></example>
    [<CompiledName("BinaryKl")>]
    val binaryKl: a: float -> b: float -> Result<float, HindsightError>

    /// <summary>Triangular discrimination, the sum over both outcomes of (p-q)^2/(p+q): 2(a-b)^2/((a+b)(2-a-b)), un-halved; 0 at a = b.</summary>
    [<CompiledName("Triangular")>]
    val triangular: a: float -> b: float -> Result<float, HindsightError>

    /// <summary>Squared Hellinger distance, un-halved: (sqrt a - sqrt b)^2 + (sqrt(1-a) - sqrt(1-b))^2.</summary>
    [<CompiledName("Hellinger2")>]
    val hellinger2: a: float -> b: float -> Result<float, HindsightError>

    /// <summary>Chi-squared divergence (a-b)^2/(b(1-b)); a in [0,1], b in (0,1).</summary>
    [<CompiledName("ChiSquared")>]
    val chiSquared: a: float -> b: float -> Result<float, HindsightError>

    /// <summary>The largest of the lower bounds on the Kullback-Leibler divergence above that need no logarithm: 2(a-b)^2, (a-b)^2/(2 max(a,b)), (a-b)^2/(2 max(1-a,1-b)), hellinger2.</summary>
    [<CompiledName("KlLowerBound")>]
    val klLowerBound: a: float -> b: float -> Result<float, HindsightError>
