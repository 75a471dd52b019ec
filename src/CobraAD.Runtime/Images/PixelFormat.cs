namespace CobraAD.Runtime.Images;

/// <summary>The order of the channels of one pixel in memory, of 8 bits each unless it says otherwise.</summary>
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

    /// <summary>
    /// One channel of 16 bits, used for red, green and blue, in the machine's byte order; 65535 is white. A camera's 10 or 12 bits stay as they are: a
    /// model that was trained on such images knows which of them are black and white.
    /// </summary>
    Grey16,
}
