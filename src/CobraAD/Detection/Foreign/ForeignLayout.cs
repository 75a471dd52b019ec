namespace CobraAD.Detection.Foreign;

/// <summary>The order of an image batch's dimensions.</summary>
public enum ForeignLayout
{
    /// <summary>[batch, channel, height, width], as PyTorch has it.</summary>
    Nchw,

    /// <summary>[batch, height, width, channel], as TensorFlow has it.</summary>
    Nhwc,
}
