namespace Hindsight;

/// <summary>Unit deviances as ready losses: <c>Deviance.Tweedie(1.5)</c>.</summary>
public static class DevianceFactories
{
    extension(Deviance)
    {
        /// <summary>Unit deviance of a label and a mean (identity link): 2 (y^(2-p)/((1-p)(2-p)) - y m^(1-p)/(1-p) + m^(2-p)/(2-p)); 0 at m = y.</summary>
        /// <remarks>p = 0: (y - m)^2, real numbers; 1: Poisson; 2: gamma; 3: inverse Gaussian. Mean more than 0 for p &gt;= 1, label at least 0 for p &lt; 2 and more than 0 from 2 on. Jorgensen (1987).</remarks>
        /// <param name="power">p, 0 or at least 1.</param>
        public static ScalarLoss Tweedie(double power) => new(Faults.Run<ILoss>(() => new Deviance(power)));

        /// <summary>Unit deviance of a proportion: 2 (y ln(y/m) + (1-y) ln((1-y)/(1-m))). Label in [0,1], mean in (0,1).</summary>
        public static ScalarLoss Binomial() => new(new BinomialDeviance());
    }
}
