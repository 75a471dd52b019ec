using CobraAD.Evaluation.Localization;

namespace CobraAD.Tests.Evaluation.Localization;

public sealed class DefectMaskTests
{
    [Fact]
    public void Pixels_that_touch_by_a_corner_are_one_region_and_others_are_not()
    {
        byte[] bright =
        [
            255, 0, 0, 255,
            0, 200, 0, 255,
            0, 0, 0, 127,
            128, 0, 0, 0,
        ];

        DefectMask mask = DefectMask.Of(bright, 4, 4);

        Assert.Equal([2, 2, 1], mask.Sizes);
        Assert.Equal([1, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0], mask.Regions);
    }

    [Fact]
    public void A_good_image_has_none() => Assert.Empty(DefectMask.None(3, 2).Sizes);
}
