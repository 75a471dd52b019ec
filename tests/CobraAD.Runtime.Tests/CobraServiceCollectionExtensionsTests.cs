using Microsoft.Extensions.DependencyInjection;

namespace CobraAD.Runtime.Tests;

public sealed class CobraServiceCollectionExtensionsTests
{
    [Fact]
    public void An_application_gets_one_detector()
    {
        using TestModel model = new();
        using ServiceProvider services = new ServiceCollection().AddCobra(options => options.ModelPath = model.Path).BuildServiceProvider();

        RobustDetector detector = services.GetRequiredService<RobustDetector>();

        Assert.Same(detector, services.GetRequiredService<RobustDetector>());
        Assert.Equal("test", detector.Model.Name);
    }

    [Fact]
    public void Without_a_model_file_registration_fails() =>
        Assert.Throws<ArgumentException>("configure", () => new ServiceCollection().AddCobra(_ => { }));
}
