// A coffee shop that learns what to recommend: three drinks, four numbers about the moment, and a customer who buys or does not.
// Nobody tells the shop which drink would have been right; it only sees what happened with the one that it offered.
using System.Globalization;
using Hindsight;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] drinks = ["espresso", "iced latte", "herbal tea"];
const int rounds = 3000;
var path = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "coffee-shop.hindsight");

// costs are "bought" or "not": with the log loss the predictions are probabilities
var bandit = NeuralBandit.SquareCB(
    new NeuralBanditOptions { ContextSize = 4, Arms = drinks.Length, Seed = 7, Loss = NeuralLoss.KullbackLeibler });
var uniform = UniformBandit.Create(new ContextualBanditOptions { ContextSize = 4, Arms = drinks.Length, Seed = 7 });
var customers = new Random(1);
double spent = 0.0, spentUniformly = 0.0, best = 0.0, regression = 0.0;

for (var round = 1; round <= rounds; round++)
{
    var moment = Moment.Next(customers);

    // 1. choose: the decision knows with which probability it was made, which is what makes a log worth keeping
    Decision d = bandit.Choose(moment.Context);

    // 2. feedback, now or much later: a cost in [0, 1]; a customer who buys costs nothing
    var cost = customers.NextDouble() < moment.ChanceToBuy(d.Arm) ? 0.0 : 1.0;
    bandit.Learn(d, cost);

    // what only a simulation knows: the mean costs, and so the regret of the decisions and of the predictions
    var mean = 1.0 - moment.ChanceToBuy(d.Arm);
    spent += mean;
    regression += Math.Pow(d.PredictedCosts[d.Arm] - cost, 2) - Math.Pow(mean - cost, 2);
    spentUniformly += 1.0 - moment.ChanceToBuy(uniform.Choose(moment.Context).Arm);
    best += 1.0 - Enumerable.Range(0, drinks.Length).Max(moment.ChanceToBuy);

    if (round is 1 or 10 or 100 or 1000 or rounds)
    {
        Console.WriteLine(
            $"customer {round,4}: {drinks[d.Arm],-10} with probability {d.Propensity:F2}, expected cost {d.ExpectedCost:F2}, "
            + $"price of exploration at most {d.Price:F3}");
    }

    // 3. save and load: the loaded bandit continues bit for bit, pending decisions included
    if (round == rounds / 2)
    {
        using (var file = File.Create(path))
        {
            bandit.Save(file);
        }

        using (var file = File.OpenRead(path))
        {
            bandit = ContextualBandit.Load(file);
        }

        File.Delete(path);
        Console.WriteLine($"customer {round,4}: saved, loaded, {bandit.Observations} observations known");
    }
}

Console.WriteLine();
Console.WriteLine("what it learned:");
foreach (var moment in new Moment[] { new(0.2, 8, false), new(0.9, 14, false), new(0.3, 21, true) })
{
    var d = bandit.Choose(moment.Context);
    Console.WriteLine($"  {moment,-31} {string.Join(", ", drinks.Select((drink, arm) => $"{drink} {1.0 - d.PredictedCosts[arm]:F2} ({moment.ChanceToBuy(arm):F2})"))}");
}

Console.WriteLine();
Console.WriteLine($"expected cost of {rounds} customers: learned {spent:F0}, uniform {spentUniformly:F0}, best in hindsight {best:F0}; regret {spent - best:F0}");

// what theory promises for this rule at its best gamma, given how well the network predicted
Console.WriteLine(RegretBounds.NeuSquareCB(
    drinks.Length, rounds, RegretBounds.Given(AssumptionStatus.Measured, "square loss of this run's predictions", Math.Max(regression, 0.0))));

return spent < spentUniformly ? 0 : 1;

/// <summary>A moment in the shop. What customers like is known to the simulation alone.</summary>
internal sealed record Moment(double Temperature, int Hour, bool Weekend)
{
    public double[] Context => [1.0, 2.0 * Temperature - 1.0, (Hour - 14) / 7.0, Weekend ? 1.0 : -1.0];

    public static Moment Next(Random random) => new(random.NextDouble(), random.Next(7, 22), random.NextDouble() < 2.0 / 7.0);

    public double ChanceToBuy(int arm) => arm switch
    {
        0 => Hour < 11 ? 0.8 : Hour < 17 ? 0.4 : 0.1,
        1 => Temperature > 0.6 ? 0.8 : 0.2,
        _ => Hour >= 17 ? (Weekend ? 0.8 : 0.6) : 0.2,
    };

    public override string ToString() => $"{(Weekend ? "weekend" : "weekday")}, {Hour} h, warmth {Temperature:F1}:";
}
