namespace CobraAD.Imaging;

/// <summary>How a picture, or its region of interest, gets the shape of the network's input.</summary>
public enum ImageFit
{
    /// <summary>It is stretched; its aspect ratio is not kept.</summary>
    Stretch,

    /// <summary>It keeps its aspect ratio, and what is left on two sides is mid-grey (128 of 255).</summary>
    Pad,

    /// <summary>It keeps its aspect ratio, and what is too much on two sides is cut off. What lies there is not seen.</summary>
    Crop,
}
