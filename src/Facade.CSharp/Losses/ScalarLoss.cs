using System.Diagnostics;
using Hindsight.FSharp;

namespace Hindsight;

/// <summary>A loss of a label and a score, ready to use: value, derivatives, batches, formula, certified constants and audit, all from its one definition.</summary>
/// <remarks>
/// <para>Label first, score second. Made by <see cref="Losses"/>; a loss of one's own by <see cref="Losses.Of(ILoss)"/>. Immutable, may be shared between threads.</para>
/// <para>Every number is checked. A label or score that is not finite or outside the loss's domain, and a score at which the loss is not finite, are an
/// <see cref="ArgumentOutOfRangeException"/> with the parameter's name (in a batch the message names the element); spans of different lengths are an <see cref="ArgumentException"/>.
/// Outputs may be partly written when a batch throws.</para>
/// <para>Batches are evaluated in SIMD lanes, without allocation. Spans of results must not overlap inputs, but for a gradient, which may be written over the scores.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public class ScalarLoss
{
    internal ScalarLoss(ILoss definition)
    {
        Definition = definition;
        Metadata = definition.Metadata;
    }

    /// <summary>The definition, generic over the scalar.</summary>
    public ILoss Definition { get; }

    /// <summary>What the loss declares: domains, link, convexity, constants, source.</summary>
    public LossMetadata Metadata { get; }

    /// <summary>The declared name.</summary>
    public string Name => Metadata.Name;

    /// <summary>The formula in y (label) and z (score), at the values of the parameters: <c>Formula.Infix</c>, <c>Formula.TeX</c>.</summary>
    public Expr Formula => FSharp.Formula.ofLoss(Definition);

    private LossKernel Kernel => field ??= LossKernel.For(Definition);

    /// <summary>The loss.</summary>
    /// <param name="label">The label.</param>
    /// <param name="score">The score.</param>
    public double Evaluate(double label, double score)
    {
        Check(label, score);
        var value = Loss.value(Definition, label, score);
        return double.IsFinite(value) ? value : throw Infinite(label, score);
    }

    /// <summary>The loss, or false where <see cref="Evaluate(double, double)"/> throws.</summary>
    /// <param name="label">The label.</param>
    /// <param name="score">The score.</param>
    /// <param name="value">The loss; NaN if there is none.</param>
    public bool TryEvaluate(double label, double score, out double value)
    {
        value = Metadata.Label.Contains(label) && Metadata.Score.Contains(score) ? Loss.value(Definition, label, score) : double.NaN;
        if (double.IsFinite(value))
        {
            return true;
        }

        value = double.NaN;
        return false;
    }

    /// <summary>The first derivative in the score; at a kink the one that the loss documents.</summary>
    /// <param name="label">The label.</param>
    /// <param name="score">The score.</param>
    public double Gradient(double label, double score) => Derivatives(label, score).Gradient;

    /// <summary>The second derivative in the score.</summary>
    /// <param name="label">The label.</param>
    /// <param name="score">The score.</param>
    public double Hessian(double label, double score) => Derivatives(label, score).Hessian;

    /// <summary>Value and both derivatives by one evaluation.</summary>
    /// <param name="label">The label.</param>
    /// <param name="score">The score.</param>
    public LossDerivatives Derivatives(double label, double score)
    {
        Check(label, score);
        var (value, gradient, hessian) = Loss.jet(Definition, label, score);
        return double.IsFinite(value) && double.IsFinite(gradient) && double.IsFinite(hessian)
            ? new(value, gradient, hessian)
            : throw Infinite(label, score);
    }

    /// <summary>The loss of every element.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="values">Receives the losses.</param>
    public void Evaluate(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, Span<double> values)
    {
        Check(labels, scores);
        try
        {
            Kernel.Values(labels, scores, values);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }

        BatchCheck.finite(Definition, labels, scores, values).OrThrow();
    }

    /// <summary>The loss of every element, in single precision.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="values">Receives the losses.</param>
    public void Evaluate(ReadOnlySpan<float> labels, ReadOnlySpan<float> scores, Span<float> values)
    {
        Check(labels, scores);
        try
        {
            Kernel.Values(labels, scores, values);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }

        BatchCheck.finiteSingle(Definition, labels, scores, values).OrThrow();
    }

    /// <summary>Loss and derivatives of every element.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="values">Receives the losses; may be empty.</param>
    /// <param name="gradient">Receives the first derivatives in the score.</param>
    /// <param name="hessian">Receives the second derivatives in the score; may be empty.</param>
    public void Derivatives(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, Span<double> values, Span<double> gradient, Span<double> hessian)
    {
        Check(labels, scores);
        try
        {
            Kernel.Derivatives(labels, scores, values, gradient, hessian);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses; 0 for an empty batch.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double Value(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default, Reduction reduction = Reduction.Mean)
    {
        Check(labels, scores);
        try
        {
            return Kernel.Value(labels, scores, weights, reduction);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses, in single precision; the sum is kept in double; 0 for an empty batch.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double Value(ReadOnlySpan<float> labels, ReadOnlySpan<float> scores, ReadOnlySpan<float> weights = default, Reduction reduction = Reduction.Mean)
    {
        Check(labels, scores);
        try
        {
            return Kernel.Value(labels, scores, weights, reduction);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses, and its gradient in the scores.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double ValueAndGradient(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> scores,
        Span<double> gradient,
        ReadOnlySpan<double> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        Check(labels, scores);
        try
        {
            return Kernel.Gradient(labels, scores, weights, reduction, gradient);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses, and its gradient in the scores, in single precision.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double ValueAndGradient(
        ReadOnlySpan<float> labels,
        ReadOnlySpan<float> scores,
        Span<float> gradient,
        ReadOnlySpan<float> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        Check(labels, scores);
        try
        {
            return Kernel.Gradient(labels, scores, weights, reduction, gradient);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses, its gradient, and the diagonal of its Hessian, which has no other entries.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores, as many.</param>
    /// <param name="gradient">Receives the first derivatives of the returned number.</param>
    /// <param name="hessian">Receives the second derivatives of the returned number.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double ValueGradientAndHessian(
        ReadOnlySpan<double> labels,
        ReadOnlySpan<double> scores,
        Span<double> gradient,
        Span<double> hessian,
        ReadOnlySpan<double> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        Check(labels, scores);
        try
        {
            return Kernel.Hessian(labels, scores, weights, reduction, gradient, hessian);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>Enclosures of the loss's constants on a box of labels and scores: Lipschitz, smoothness, strong convexity, exp-concavity in the score, Polyak-Lojasiewicz, quadratic growth.</summary>
    /// <remarks>By interval arithmetic and bisection: the numbers lie in what is returned, given the error budget of <see cref="Ival"/>.</remarks>
    /// <param name="label">Labels, within the loss's domain: <c>new Ival(0, 1)</c>.</param>
    /// <param name="score">Scores, within the loss's domain: <c>new Ival(-3, 3)</c>.</param>
    /// <param name="options">How far enclosures are refined; null for <c>CertifyOptions.Default</c>.</param>
    public Certificate Certify(Ival label, Ival score, CertifyOptions? options = null) =>
        FSharp.Certify.certificate(options ?? CertifyOptions.Default, Definition, label, score).OrThrow();

    /// <summary>Searches for counterexamples to everything that the loss declares. The same seed gives the same report.</summary>
    /// <param name="seed">Key of the random search.</param>
    /// <param name="cases">Cases tried for a property, at least 1.</param>
    public AuditReport Audit(ulong seed, int cases = 400)
    {
        Require.atLeast(nameof(cases), 1, cases).OrThrow();
        return LossAuditor.Check(Definition, seed, cases);
    }

    /// <summary>Name and formula.</summary>
    public override string ToString() => $"{Name}: {Formula.Infix}";

    private void Check(double label, double score)
    {
        Require.inside(nameof(label), Metadata.Label, label).OrThrow();
        Require.inside(nameof(score), Metadata.Score, score).OrThrow();
    }

    private void Check(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        BatchCheck.inside(nameof(labels), Metadata.Label, labels).OrThrow();
        BatchCheck.inside(nameof(scores), Metadata.Score, scores).OrThrow();
    }

    private void Check(ReadOnlySpan<float> labels, ReadOnlySpan<float> scores)
    {
        BatchCheck.insideSingle(nameof(labels), Metadata.Label, labels).OrThrow();
        BatchCheck.insideSingle(nameof(scores), Metadata.Score, scores).OrThrow();
    }

    private Exception Infinite(double label, double score) =>
        Faults.ToException(BatchCheck.infinite(Definition, nameof(score), label, score));
}
