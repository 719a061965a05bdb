using System.Reflection;

namespace Hindsight.Facade.Tests;

/// <summary>The samples run, and do what they say.</summary>
public class SampleTests
{
    [Test]
    public void The_coffee_shop_learns()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "coffee-shop.hindsight");
        var console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            Assert.That(Assembly.Load("CoffeeShop").EntryPoint!.Invoke(null, [new[] { path }]), Is.EqualTo(0));
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.That(output.ToString(), Does.Contain("saved, loaded").And.Contain("best in hindsight").And.Contain("NeuSquareCB regret <="));
        Assert.That(path, Does.Not.Exist);
    }
}
