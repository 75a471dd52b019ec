using CobraAD.Cli.Values;

namespace CobraAD.Cli.Tests.Values;

public sealed class ServedModelsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ServedModelsTests()
    {
        foreach (string name in (string[])["a.onnx", "b.onnx"]) folder.File(name, "model");
    }

    private string First => folder.File("a.onnx");

    private string Second => folder.File("b.onnx");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_model_is_set_as_it_always_was() =>
        Assert.Equal([("Model", First), ("Watch:Folder", "in")], ServedModels.Settings([First], ["in"]));

    [Fact]
    public void Several_are_products_called_by_their_files_or_as_they_are_named()
    {
        Assert.Equal(
            [("Products:0:Name", "a"), ("Products:0:Model", First), ("Products:1:Name", "screw"), ("Products:1:Model", Second), ("Products:1:Watch:Folder", "in=1")],
            ServedModels.Settings([First, $"screw={Second}"], ["screw=in=1"]));
    }

    [Fact]
    public void One_named_model_is_a_product() => Assert.Contains(("Products:0:Name", "bottle"), ServedModels.Settings([$"bottle={First}"], []));

    [Fact]
    public void What_cannot_be_meant_is_said()
    {
        Assert.Contains("two products are called 'a'", Message([First, First], []), StringComparison.Ordinal);
        Assert.Contains("names no product", Message([First, Second], ["in"]), StringComparison.Ordinal);
        Assert.Contains("one of a, b", Message([First, Second], ["c=in"]), StringComparison.Ordinal);
        Assert.Contains("two folders for the product a", Message([First, Second], ["a=in", "a=other"]), StringComparison.Ordinal);
        Assert.Contains("one model has one folder", Message([First], ["in", "other"]), StringComparison.Ordinal);
        Assert.Contains("there is no file", Message([First, "nowhere.onnx"], []), StringComparison.Ordinal);

        static string Message(string[] models, string[] folders) => Assert.Throws<UsageException>(() => ServedModels.Settings(models, folders)).Message;
    }
}
