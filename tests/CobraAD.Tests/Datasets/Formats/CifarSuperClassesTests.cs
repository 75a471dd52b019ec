using CobraAD.Datasets.Formats;

namespace CobraAD.Tests.Datasets.Formats;

public sealed class CifarSuperClassesTests
{
    [Fact]
    public void Both_lists_have_five_fine_classes_in_each_super_class()
    {
        foreach (Func<int, int> list in (Func<int, int>[])[CifarSuperClasses.Official, CifarSuperClasses.Csi])
            Assert.All(Enumerable.Range(0, 100).GroupBy(list), group => Assert.Equal(5, group.Count()));
    }

    [Theory]
    [InlineData(0, "4 30 55 72 95", "4 31 55 72 95")]
    [InlineData(1, "1 32 67 73 91", "1 33 67 73 91")]
    [InlineData(5, "22 39 40 86 87", "22 25 40 86 87")]
    [InlineData(6, "5 20 25 84 94", "5 20 26 84 94")]
    [InlineData(13, "26 45 77 79 99", "27 45 77 79 99")]
    [InlineData(19, "41 69 81 85 89", "41 69 81 85 89")]
    public void They_differ_by_one_place_between_26_and_39(int superClass, string official, string csi)
    {
        Assert.Equal(official, Of(CifarSuperClasses.Official));
        Assert.Equal(csi, Of(CifarSuperClasses.Csi));

        string Of(Func<int, int> list) => string.Join(' ', Enumerable.Range(0, 100).Where(fine => list(fine) == superClass));
    }
}
