namespace CobraAD.Runtime.Images;

/// <summary>The order of the 8-bit channels of one pixel in memory.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red: OpenCV's order and that of most cameras.</summary>
    Bgr,

    /// <summary>Red, green, blue, alpha; alpha is ignored.</summary>
    Rgba,

    /// <summary>Blue, green, red, alpha; alpha is ignored.</summary>
    Bgra,

    /// <summary>One channel, used for red, green and blue.</summary>
    Grey,
}
