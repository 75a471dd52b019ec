namespace CobraAD.Imaging;

/// <summary>A decoder refused an image. What users see is made of it where the image's name is known.</summary>
internal sealed class DecodeException(DecodeFailure failure, string reason, Exception? innerException = null) : Exception(reason, innerException)
{
    public DecodeFailure Failure { get; } = failure;
}
