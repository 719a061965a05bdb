using System.Reflection;

namespace Hindsight.Facade.Tests;

/// <summary>The samples run, and do what they say.</summary>
public class SampleTests
{
    [Test]
    public void The_coffee_shop_learns()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "coffee-shop.hindsight");
        Assert.That(Run("CoffeeShop", path), Does.Contain("saved, loaded").And.Contain("best in hindsight").And.Contain("NeuSquareCB regret <="));
        Assert.That(path, Does.Not.Exist);
    }

    [Test]
    public void A_loss_of_ones_own_gets_everything() =>
        Assert.That(
            Run("OwnLoss"),
            Does.Contain("loss 20.7889, gradient -3.6207, Hessian 0.1753")
                .And.Contain("26.490 by gradient descent, 26.490 by search")
                .And.Contain("formula: 2*(5*softplus((y - z)/2) - (y - z)/2)")
                .And.Contain("smoothness [0.625, 0.625]")
                .And.Contain("careless: Lipschitz"));

    private static string Run(string sample, params string[] arguments)
    {
        var console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            Assert.That(Assembly.Load(sample).EntryPoint!.Invoke(null, [arguments]), Is.EqualTo(0));
        }
        finally
        {
            Console.SetOut(console);
        }

        return output.ToString();
    }
}
