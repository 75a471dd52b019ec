namespace CobraAD.Imaging;

/// <summary>Decodes images of every supported kind, told by their content.</summary>
internal static class ImageDecoder
{
    /// <summary>Decodes one image.</summary>
    /// <param name="encoded">The content of an image file.</param>
    /// <param name="maxPixels">Images whose header claims more are refused before anything is decoded.</param>
    /// <param name="into">Receives the upright image.</param>
    /// <exception cref="DecodeException">The image cannot be decoded or is too large.</exception>
    public static void Decode(ReadOnlySpan<byte> encoded, long maxPixels, PixelBuffers into)
    {
        if (encoded.IsEmpty) throw new DecodeException(DecodeFailure.Empty, "the file is empty.");
        try
        {
            if (TiffDecoder.Recognizes(encoded)) TiffDecoder.Decode(encoded, maxPixels, into);
            else SkiaDecoder.Decode(encoded, maxPixels, into);
        }
        catch (Exception e) when (e is not (DecodeException or OutOfMemoryException or DllNotFoundException or TypeInitializationException))
        {
            // A decoder fed with damaged data may fail anywhere; whatever it throws says the same thing about the file.
            throw new DecodeException(DecodeFailure.Damaged, $"the decoder failed ({e.Message})", e);
        }
    }
}
