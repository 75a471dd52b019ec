using CobraAD.Validation;

namespace CobraAD.Detection;

/// <summary>
/// How large images are gone through tile by tile: a defect of ten pixels is gone from a picture of 2,000 that is scaled down to 224, but not
/// from a tile of it. <see cref="DetectorOptions.Tiles"/> asks for it, whatever the method.
/// </summary>
public sealed record TileOptions
{
    /// <summary>Side of a tile in pixels; the method is trained on images of this size.</summary>
    /// <value>Default 224; 16 to 1024 and a multiple of 8, by which every network here divides its maps.</value>
    public int Size { get; init; } = 224;

    /// <summary>The share of a tile that its neighbour shows too. A defect up to this share of a tile is whole in one of them.</summary>
    /// <value>Default 0.25; 0 to 0.75.</value>
    public double Overlap { get; init; } = 0.25;

    /// <summary>
    /// Whether a tile's score is compared with what is usual at its place, as aligned parts want it. How far places differ is found from good
    /// images: where they do not, as on textures, places are not told apart either way.
    /// </summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool PositionAware { get; init; } = true;

    /// <summary>
    /// The standard deviation of grey values (0 to 1) from which a tile has content. Tiles without are not trained on, and a place where no
    /// good image has content is never looked at: what lies there cannot raise an alarm. It is the same place for every image, so that nobody
    /// hides a defect by making a tile smooth.
    /// </summary>
    /// <value>Default 0.02, five grey levels of 255; 0 to 0.5. With 0 every tile counts.</value>
    public double Content { get; init; } = 0.02;

    /// <summary>At most this many tiles are trained on, drawn at random from all images.</summary>
    /// <value>Default 10,000; at least <see cref="Datasets.DatasetOptions.FewestTrainingImages"/>.</value>
    public int MostTraining { get; init; } = 10_000;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Size, Size is >= 16 and <= 1024 && Size % 8 == 0, "a multiple of 8 between 16 and 1024: networks halve their maps three times or more");
        OptionCheck.Require(Overlap, 0, 0.75);
        OptionCheck.Require(Content, 0, 0.5);
        OptionCheck.RequireAtLeast(MostTraining, Datasets.DatasetOptions.FewestTrainingImages);
    }

    /// <summary>Checks that images of a size have room for tiles.</summary>
    /// <param name="height">Height of the images in pixels.</param>
    /// <param name="width">Width of the images in pixels.</param>
    /// <exception cref="ArgumentException">A tile is larger than the images, or just as large.</exception>
    public void RequireFit(int height, int width)
    {
        if (Size > height || Size > width)
            throw new ArgumentException($"A tile of {Size} px is larger than the images, which have {width} × {height}. Take smaller tiles, or give the images more pixels (--image-size).");
        if (Size == height && Size == width)
            throw new ArgumentException($"A tile of {Size} px is as large as the images, so there would be one only. Take smaller tiles, give the images more pixels (--image-size), or train without tiles.");
    }
}
