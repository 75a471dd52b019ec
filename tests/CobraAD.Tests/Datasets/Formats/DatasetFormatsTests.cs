using CobraAD.Datasets;
using CobraAD.Datasets.Formats;

namespace CobraAD.Tests.Datasets.Formats;

public sealed class DatasetFormatsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<DatasetLayout> Layouts => [.. Enum.GetValues<DatasetLayout>()];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_has_a_format_that_refuses_an_empty_folder(DatasetLayout layout) =>
        Assert.Throws<DatasetException>(() => DatasetFormats.Open(folder.Path, new DatasetOptions { Layout = layout }, goodIsNeeded: true));

    public void Dispose() => folder.Dispose();
}
