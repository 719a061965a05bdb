// A loss of your own: a baker forecasts how many loaves will be asked for. A loaf too many costs 1, a loaf too few costs 4.
// The loss is written once, as one generic function; everything below follows from that function.
using System.Globalization;
using Hindsight;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var loss = Losses.Of(new Bakery(Over: 1, Under: 4, Width: 2));

// 1. value, gradient and Hessian at a point, exact to rounding
Console.WriteLine($"20 asked for, 15 baked: loss {loss.Evaluate(20, 15):F4}, gradient {loss.Gradient(20, 15):F4}, Hessian {loss.Hessian(20, 15):F4}");

// 2. batches over spans, in SIMD lanes, without allocation: what a training loop calls
double[] asked = [18, 22, 19, 25, 30, 17, 21, 24], forecast = new double[asked.Length], gradient = new double[asked.Length];
Array.Fill(forecast, 20.0);
for (var step = 0; step < 2000; step++)
{
    loss.ValueAndGradient(asked, forecast, gradient);
    Array.Fill(forecast, forecast[0] - gradient.Sum());
}

Console.WriteLine($"best single forecast: {forecast[0]:F3} by gradient descent, {Elicitation.Functional(loss, asked):F3} by search; mean loss {loss.Value(asked, forecast):F3}");

// 3. the formula, from the code that is run
Console.WriteLine($"formula: {loss.Formula.Infix}");
Console.WriteLine($"TeX:     {loss.Formula.TeX}");

// 4. constants that a step size or a regret bound needs, enclosed on a box of labels and scores
Console.WriteLine(loss.Certify(label: new Ival(0, 40), score: new Ival(0, 40)));

// 5. an audit of everything that the struct declares
var report = loss.Audit(seed: 1);
Console.WriteLine(report);

// 6. what it says about a wrong declaration: the slope towards "too few" forgotten
var careless = Losses.Of(new Careless(new Bakery(Over: 1, Under: 4, Width: 2))).Audit(seed: 1);
foreach (var failure in careless.Failures)
{
    Console.WriteLine($"careless: {failure.Property}: {failure.Counterexample}");
}

return report.Holds && !careless.Holds ? 0 : 1;

// What it prints, shortened:
//   20 asked for, 15 baked: loss 20.7889, gradient -3.6207, Hessian 0.1753
//   best single forecast: 26.490 by gradient descent, 26.490 by search; mean loss 7.947
//   formula: 2*(5*softplus((y - z)/2) - (y - z)/2)
//   Bakery for labels in [0, 40] and scores in [0, 40]
//     infimum [5.004020801, 5.004024379]: least value
//     Lipschitz [3.99999999, 3.99999999]: sup |l'|
//     smoothness [0.625, 0.625]: sup |l''|
//     Polyak-Lojasiewicz [0.01428735672, 0.0142873684]: inf (l'^2/2)/(l - l*)
//     ...
//   Bakery, seed 1
//     derivative: not refuted in 595 cases (differences of the value are the derivative in between times the distance)
//     convex: not refuted in 596 cases (no point of a chord is below the loss; closest call 116.397 against 116.397)
//     Lipschitz, locally: not refuted in 600 cases (the derivative is at most 4; closest call 4 against 4)
//     ...
//   careless: Lipschitz: label 0, at 0 and 1: 1.1907019637983716 where at most 1 is allowed
//   careless: Lipschitz, locally: label 0, at 0: 1.4999999999999978 where at most 1 is allowed

/// <summary>Costs of a forecast: <c>Over</c> for each unit too many, <c>Under</c> for each too few, smooth within about <c>Width</c> units of the label.</summary>
internal readonly record struct Bakery(double Over, double Under, double Width) : ILoss
{
    // over (z - y) + (over + under) width ln(1 + e^((y - z)/width)), over any scalar: doubles, jets, SIMD lanes, intervals, formulas
    public T Eval<T>(T label, T score)
        where T : struct, IReal<T>
    {
        var missing = (label - score) / T.Const(Width);
        return T.Const(Width) * (T.Const(Over + Under) * T.Softplus(missing) - T.Const(Over) * missing);
    }

    // lets a kernel be compiled for this very struct
    public R Accept<R>(ILossVisitor<R> visitor) => visitor.Visit(this);

    public LossMetadata Metadata => LossMetadata.Default.With(
        name: "Bakery",
        lipschitz: Math.Max(Over, Under),
        smoothness: (Over + Under) / (4 * Width),
        strongConvexity: 0,
        source: "costs of a bakery");
}

internal readonly record struct Careless(Bakery Bakery) : ILoss
{
    public T Eval<T>(T label, T score)
        where T : struct, IReal<T> => Bakery.Eval(label, score);

    public R Accept<R>(ILossVisitor<R> visitor) => visitor.Visit(this);

    public LossMetadata Metadata => Bakery.Metadata.With(name: "Careless", lipschitz: Bakery.Over);
}
