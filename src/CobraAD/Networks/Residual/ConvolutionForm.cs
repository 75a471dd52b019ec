namespace CobraAD.Networks.Residual;

/// <summary>How the convolutions of a network are made.</summary>
/// <param name="Folded">Whether they have a bias instead of a batch normalisation behind them.</param>
/// <param name="ChannelsLast">
/// Whether their weights, and with them all maps, have the channels innermost in memory. At 224 px with the ImageNet stem a pass
/// takes 0.66-0.8 of the time; at 32 px there is no gain. Shapes and values are the same.
/// </param>
/// <param name="Groups">How many networks side by side they are of: the channels come in as many parts that do not meet.</param>
internal readonly record struct ConvolutionForm(bool Folded, bool ChannelsLast, int Groups = 1);
