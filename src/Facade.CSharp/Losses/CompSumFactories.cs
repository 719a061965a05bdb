namespace Hindsight;

/// <summary>Comp-sum losses as ready losses: <c>CompSum.Create(1.5)</c>, <c>CompSum.CrossEntropy</c>.</summary>
/// <remarks>l(y, z) = (s_y^(tau-1) - 1)/(1-tau), s = softmax(z), and -ln s_y at tau = 1. Scores real. Source: Cross-entropy loss functions (arXiv 2304.07288). For what a small excess says about errors see <see cref="HConsistency"/>.</remarks>
public static class CompSumFactories
{
    extension(CompSum)
    {
        /// <summary>The loss at tau: convex exactly for tau &lt;= 1, bounded by 1/(tau-1) for tau &gt; 1.</summary>
        /// <param name="tau">At least 0.</param>
        public static MulticlassLoss Create(double tau) => new(Faults.Run<IMulticlassLoss>(() => new CompSum(tau)));

        /// <summary>Cross-entropy of class scores, tau = 1: -ln softmax(z)_y.</summary>
        public static MulticlassLoss CrossEntropy => new(new CrossEntropy());

        /// <summary>Generalized cross-entropy, tau = 1 + q: (1 - s_y^q)/q; cross-entropy at q = 0. Zhang and Sabuncu (2018).</summary>
        /// <param name="q">In [0, 1].</param>
        public static MulticlassLoss Gce(double q) => new(Faults.Run<IMulticlassLoss>(() => new GeneralizedCrossEntropy(q)));

        /// <summary>Mean absolute error of classification, tau = 2: 1 - softmax(z)_y.</summary>
        public static MulticlassLoss Mae => new(new SoftmaxAbsoluteError());

        /// <summary>Its square: (1 - softmax(z)_y)^2.</summary>
        public static MulticlassLoss SquaredMae => new(new SquaredSoftmaxAbsoluteError());

        /// <summary>Sum-exponential loss, tau = 0: sum over k of e^(z_k - z_y), k not y.</summary>
        public static MulticlassLoss SumExponential => new(new SumExponential());
    }
}
